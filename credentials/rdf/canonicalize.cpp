#include "credentials/rdf/canonicalize.hpp"

#include "core/hash.hpp"
#include "credentials/errors.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace assay::credentials::rdf {
namespace {

using Node = std::size_t; ///< a blank node, by the order in which it was met

/// Names blank nodes in the order of asking: "c14n0", "c14n1", … Copied often, so it holds little.
class Issuer {
public:
    explicit Issuer(std::string_view prefix) : prefix_{prefix} {}

    bool has(Node node) const { return find(node) != issued_.size(); }
    std::string name(Node node) const { return prefix_ + std::to_string(find(node)); }
    std::string issue(Node node)
    {
        if (!has(node)) issued_.push_back(node);
        return name(node);
    }
    std::vector<Node> const& issued() const { return issued_; }

private:
    std::size_t find(Node node) const { return static_cast<std::size_t>(std::ranges::find(issued_, node) - issued_.begin()); }

    std::string prefix_;
    std::vector<Node> issued_;
};

/// The canonical names: many nodes, asked for often, never copied.
class CanonicalNames {
public:
    explicit CanonicalNames(std::size_t nodes) : number_(nodes) {}
    bool has(Node node) const { return number_[node].has_value(); }
    std::string name(Node node) const { return "c14n" + std::to_string(*number_[node]); }
    void issue(Node node)
    {
        if (!has(node)) number_[node] = next_++;
    }

private:
    std::vector<std::optional<std::size_t>> number_;
    std::size_t next_ = 0;
};

struct Named {
    std::string hash;
    Issuer issuer;
};

class Canonicalizer {
public:
    Canonicalizer(std::vector<Quad> quads, CanonicalizeBounds const& bounds, HexHash const& hash)
        : bounds_{bounds}, hash_{hash}, given_{std::move(quads)}, names_{0}
    {
        // Sorted by address: a quad is four texts, and moving it costs more than comparing it.
        quads_.reserve(given_.size());
        for (auto const& quad : given_) quads_.push_back({&quad});
        std::ranges::sort(quads_, [](Placed const& a, Placed const& b) { return *a.quad < *b.quad; });
        auto const repeated = std::ranges::unique(quads_, [](Placed const& a, Placed const& b) { return *a.quad == *b.quad; });
        quads_.erase(repeated.begin(), repeated.end());
    }

    result<Canonical> run()
    {
        if (quads_.size() > bounds_.quads_max) return errc::rdf_too_large;
        collect_blank_nodes();
        if (labels_.size() > bounds_.blank_nodes_max) return errc::rdf_too_large;
        names_ = CanonicalNames{labels_.size()};
        for (auto node = Node{}; node < labels_.size(); ++node) first_degree_.push_back(hash_first_degree(node));

        auto by_hash = std::map<std::string_view, std::vector<Node>>{};
        for (auto node = Node{}; node < labels_.size(); ++node) by_hash[first_degree_[node]].push_back(node);
        for (auto const& [hash, nodes] : by_hash)
            if (nodes.size() == 1) names_.issue(nodes.front());
        for (auto const& [hash, nodes] : by_hash)
            if (nodes.size() > 1 && !name_alike(nodes)) return errc::rdf_too_complex;
        return written();
    }

private:
    static constexpr auto no_node = static_cast<Node>(-1);

    /// A quad, and which of its places are blank nodes.
    struct Placed {
        Quad const* quad;
        Node subject = no_node, object = no_node, graph = no_node;
    };

    std::string hash_of(std::string_view text) const { return hash_ ? hash_(text) : to_string(sha256(text)); }

    void collect_blank_nodes()
    {
        auto nodes = std::unordered_map<std::string_view, Node>{};
        auto const visit = [&](Term const& term, std::size_t quad, Node& place) {
            if (term.kind != TermKind::blank) return;
            auto const [at, fresh] = nodes.emplace(term.text, labels_.size());
            if (fresh) {
                labels_.push_back(term.text);
                mentions_.emplace_back();
            }
            place = at->second;
            auto& mentions = mentions_[place];
            if (mentions.empty() || mentions.back() != quad) mentions.push_back(quad);
        };
        for (auto i = std::size_t{}; i < quads_.size(); ++i) {
            auto& placed = quads_[i];
            visit(placed.quad->subject, i, placed.subject);
            visit(placed.quad->object, i, placed.object);
            visit(placed.quad->graph, i, placed.graph);
        }
    }

    /// The quad's line with its blank nodes called as `name` says.
    template <class Name>
    static void append_line(std::string& out, Placed const& placed, Name const& name)
    {
        auto const append = [&](Term const& term, Node node) {
            if (node == no_node) {
                append_term(out, term);
            } else {
                out += "_:";
                out += name(node);
            }
        };
        append(placed.quad->subject, placed.subject);
        out += ' ';
        append_iri(out, placed.quad->predicate);
        out += ' ';
        append(placed.quad->object, placed.object);
        if (placed.quad->graph.kind != TermKind::none) {
            out += ' ';
            append(placed.quad->graph, placed.graph);
        }
        out += " .\n";
    }

    template <class Name>
    static std::string line_of(Placed const& placed, Name const& name)
    {
        auto line = std::string{};
        auto const& quad = *placed.quad;
        line.reserve(quad.subject.text.size() + quad.predicate.size() + quad.object.text.size() + quad.graph.text.size() + 24);
        append_line(line, placed, name);
        return line;
    }

    /// 4.6: the quads of a node with itself called "a" and any other blank node "z".
    std::string hash_first_degree(Node node) const
    {
        auto lines = std::vector<std::string>{};
        lines.reserve(mentions_[node].size());
        auto const masked = [node](Node other) { return other == node ? 'a' : 'z'; };
        for (auto const at : mentions_[node]) lines.push_back(line_of(quads_[at], masked));
        std::ranges::sort(lines);
        return hash_of(joined(lines));
    }

    /// Step 5 of 4.4.3: nodes that look alike are told apart by their surroundings.
    bool name_alike(std::vector<Node> const& nodes)
    {
        auto paths = std::vector<Named>{};
        for (auto const node : nodes) {
            if (names_.has(node)) continue;
            auto issuer = Issuer{"b"};
            issuer.issue(node);
            auto named = hash_n_degree(node, issuer, 0);
            if (!named) return false;
            paths.push_back(std::move(*named));
        }
        std::ranges::stable_sort(paths, {}, &Named::hash);
        for (auto const& path : paths)
            for (auto const node : path.issuer.issued()) names_.issue(node);
        return true;
    }

    /// 4.7
    std::string hash_related(Node related, Quad const& quad, Issuer const& issuer, char position) const
    {
        auto input = std::string{position};
        if (position != 'g') append_iri(input, quad.predicate);
        if (names_.has(related)) input += "_:" + names_.name(related);
        else if (issuer.has(related)) input += "_:" + issuer.name(related);
        else input += first_degree_[related];
        return hash_of(input);
    }

    bool spend() { return ++work_ <= bounds_.work_max; }

    /// 4.8; nothing when the work allowed is used up.
    std::optional<Named> hash_n_degree(Node node, Issuer issuer, std::size_t depth)
    {
        if (depth > bounds_.depth_max || !spend()) return std::nullopt;
        auto related = std::map<std::string, std::vector<Node>>{};
        auto const add = [&](Node other, Quad const& quad, char position) {
            if (other != no_node && other != node) related[hash_related(other, quad, issuer, position)].push_back(other);
        };
        for (auto const at : mentions_[node]) {
            auto const& placed = quads_[at];
            add(placed.subject, *placed.quad, 's');
            add(placed.object, *placed.quad, 'o');
            add(placed.graph, *placed.quad, 'g');
            if (!spend()) return std::nullopt;
        }
        auto data = std::string{};
        for (auto& [hash, nodes] : related) {
            data += hash;
            auto chosen = std::optional<Path>{};
            std::ranges::sort(nodes);
            do {
                if (!try_path(nodes, issuer, depth, chosen)) return std::nullopt;
            } while (std::ranges::next_permutation(nodes).found);
            data += chosen->text;
            issuer = std::move(chosen->issuer);
        }
        return Named{hash_of(data), std::move(issuer)};
    }

    struct Path {
        std::string text;
        Issuer issuer;
    };

    /// Steps 5.4 of 4.8 for one order of the nodes: keeps it in `chosen` when it is the least so far. False: out of work.
    bool try_path(std::vector<Node> const& nodes, Issuer const& before, std::size_t depth, std::optional<Path>& chosen)
    {
        if (!spend()) return false;
        auto path = Path{{}, before};
        auto recursion = std::vector<Node>{};
        auto const hopeless = [&] { return chosen && path.text.size() >= chosen->text.size() && path.text > chosen->text; };
        for (auto const node : nodes) {
            if (names_.has(node)) {
                path.text += "_:" + names_.name(node);
            } else {
                if (!path.issuer.has(node)) recursion.push_back(node);
                path.text += "_:" + path.issuer.issue(node);
            }
            if (hopeless()) return true;
        }
        for (auto const node : recursion) {
            auto deeper = hash_n_degree(node, path.issuer, depth + 1);
            if (!deeper) return false;
            path.text += "_:" + path.issuer.issue(node) + "<" + deeper->hash + ">";
            path.issuer = std::move(deeper->issuer);
            if (hopeless()) return true;
        }
        if (!chosen || path.text < chosen->text) chosen = std::move(path);
        return true;
    }

    Canonical written() const
    {
        auto canonical = Canonical{};
        for (auto node = Node{}; node < labels_.size(); ++node) canonical.identifiers[labels_[node]] = names_.name(node);
        auto lines = std::vector<std::string>{};
        lines.reserve(quads_.size());
        for (auto const& placed : quads_) lines.push_back(line_of(placed, [&](Node node) { return names_.name(node); }));
        std::ranges::sort(lines); // by bytes, which for UTF-8 is by code points
        canonical.nquads = joined(lines);
        return canonical;
    }

    static std::string joined(std::vector<std::string> const& lines)
    {
        auto size = std::size_t{};
        for (auto const& line : lines) size += line.size();
        auto text = std::string{};
        text.reserve(size);
        for (auto const& line : lines) text += line;
        return text;
    }

    CanonicalizeBounds const& bounds_;
    HexHash const& hash_;
    std::vector<Quad> given_;
    std::vector<Placed> quads_; ///< sorted, each once
    std::vector<std::string> labels_;
    std::vector<std::vector<std::size_t>> mentions_; ///< quads of each node
    std::vector<std::string> first_degree_;
    CanonicalNames names_;
    std::size_t work_ = 0;
};

} // namespace

result<Canonical> canonicalize(std::vector<Quad> quads, CanonicalizeBounds const& bounds, HexHash const& hash)
{
    return Canonicalizer{std::move(quads), bounds, hash}.run();
}

} // namespace assay::credentials::rdf
