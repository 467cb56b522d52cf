#include "TableChain.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "A2FBridge/Names.h"
#include "TableReader.h"

namespace a2fbridge
{
namespace
{

constexpr std::size_t kMaxChain = 8;

template <class T>
void laidOver(std::optional<T>& child, std::optional<T>& base)
{
    if (!child)
    {
        child = std::move(base);
    }
}

template <class T>
void append(std::vector<T> base, std::vector<T>& child)
{
    base.insert(base.end(), std::make_move_iterator(child.begin()), std::make_move_iterator(child.end()));
    child = std::move(base);
}

/// Puts what `child` has in the place of what `base` has of the same name; new ones come after.
template <class T, class NameOf>
void layByName(std::vector<T> base, std::vector<T>& child, NameOf nameOf)
{
    std::unordered_map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < base.size(); ++i)
    {
        known.emplace(foldName(nameOf(base[i])), i);
    }
    const std::size_t before = base.size();
    for (T& item : child)
    {
        const auto found = known.find(foldName(nameOf(item)));
        if (found != known.end() && found->second < before)
        {
            base[found->second] = std::move(item);
        }
        else
        {
            base.push_back(std::move(item));
        }
    }
    child = std::move(base);
}

void layDefaults(DefaultsSpec& child, DefaultsSpec& base)
{
    laidOver(child.weight, base.weight);
    laidOver(child.combine, base.combine);
    laidOver(child.clamp, base.clamp);
    laidOver(child.zeroMissing, base.zeroMissing);
    laidOver(child.unmapped, base.unmapped);
}

void layOver(TableDocument& child, TableDocument base, Mistake& mistake)
{
    if (base.convention != child.convention)
    {
        mistake.say(child.conventionPlace, "convention",
                    "the base '" + base.name + "' takes " + conventionName(base.convention) + ", this table " +
                        conventionName(child.convention) + "; both must be the same");
        return;
    }
    laidOver(child.source, base.source);
    laidOver(child.target, base.target);
    laidOver(child.description, base.description);
    laidOver(child.limits, base.limits);
    laidOver(child.nullOutputs, base.nullOutputs);
    laidOver(child.mirror, base.mirror);
    layDefaults(child.defaults, base.defaults);
    append(std::move(base.provenance), child.provenance);
    append(std::move(base.outputs), child.outputs);
    append(std::move(base.constants), child.constants);
    layByName(std::move(base.params), child.params, [](const auto& param) { return param.first; });
    layByName(std::move(base.inputs), child.inputs, [](const InputSpec& spec) { return spec.source.text; });
    layByName(std::move(base.expressions), child.expressions,
              [](const ExpressionSpec& spec) { return spec.name.text; });
    layByName(std::move(base.mappings), child.mappings, [](const MappingSpec& spec) { return spec.source.text; });
}

} // namespace

TableDocument TableChain::read(std::string_view text, const std::string& path, const std::string& root)
{
    const std::string& kept = paths_.emplace_back(path);
    auto node = readYaml(text, &kept);
    if (!node)
    {
        mistake_.take(node.error());
        return {};
    }
    TableDocument document = readTableDocument(node.value(), mistake_);
    if (mistake_.made() || !document.extends)
    {
        return document;
    }
    if (!path.empty())
    {
        open_.push_back(path);
    }
    TableDocument below = base(*document.extends, path, root);
    if (!mistake_.made())
    {
        layOver(document, std::move(below), mistake_);
    }
    return document;
}

TableDocument TableChain::base(const TableName& extends, const std::string& path, const std::string& root)
{
    auto text = loader_ != nullptr ? loader_->table(extends.text, path, root)
                                   : Result<TableText>(makeError(ErrorCode::NotFound, "no tables here"));
    if (!text)
    {
        const bool outside = text.error().code == ErrorCode::InvalidArgument;
        const std::vector<std::string> known = loader_ != nullptr ? loader_->tableNames() : std::vector<std::string>();
        mistake_.say(extends.place, outside ? "extends" : "unknown_table",
                     outside ? "'" + extends.text + "' lies outside the table's folder"
                             : "no table or file '" + extends.text + "'" + didYouMean(extends.text, known));
        return {};
    }
    const TableText& found = text.value();
    if (std::find(open_.begin(), open_.end(), found.path) != open_.end())
    {
        mistake_.say(extends.place, "extends", "'" + extends.text + "' extends itself");
        return {};
    }
    if (open_.size() >= kMaxChain)
    {
        mistake_.say(extends.place, "extends", "a chain of more than " + std::to_string(kMaxChain) + " tables");
        return {};
    }
    return read(found.text, found.path, found.shipped ? found.path : root);
}

} // namespace a2fbridge
