// IndexedDB as the outbox's store: one record a sitting, written whole, durable when the promise resolves.
import type { Kept, Store } from './outbox';

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
  });
}

export async function openDeviceStore(): Promise<Store> {
  const opening = indexedDB.open('assay-exam', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('sitting');
  const database = await done(opening);

  const change = (act: (records: IDBObjectStore) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction('sitting', 'readwrite', { durability: 'strict' });
      act(transaction.objectStore('sitting'));
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'));
      transaction.onerror = () => reject(transaction.error ?? new Error('IndexedDB'));
    });

  return {
    read: (key) => done(database.transaction('sitting').objectStore('sitting').get(key) as IDBRequest<Kept | undefined>),
    write: (key, value) => change((records) => void records.put(value, key)),
    remove: (key) => change((records) => void records.delete(key)),
  };
}

/** For browsers that forbid storage: lives as long as the page, and the page says so. */
export function memoryStore(): Store {
  const records = new Map<string, Kept>();
  return {
    read: (key) => Promise.resolve(records.get(key)),
    write: (key, value) => Promise.resolve(void records.set(key, value)),
    remove: (key) => Promise.resolve(void records.delete(key)),
  };
}
