// An item as candidates see it, for those who judge it: the same code shows it, and nothing that is typed goes anywhere.
import { byId } from './dom';
import { showItem } from './item_view';
import { parsePresentedItem } from './presented_item';

const place = byId('preview', HTMLElement);
const said = byId('preview-say', HTMLElement);
const view = showItem(parsePresentedItem(place.dataset['item'] ?? ''), place.dataset['language'] ?? 'en', '', (message) => {
  said.textContent = message;
});
place.replaceChildren(view.element);
