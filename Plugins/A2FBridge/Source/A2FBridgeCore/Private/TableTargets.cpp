// Compiling a table's curves: contributions, limits, outputs and constants (stages 3 to 5).
#include <unordered_map>
#include <utility>

#include "A2FBridge/Names.h"
#include "TableCompilation.h"
#include "TableRemap.h"

namespace a2fbridge
{

/// Contributions in the table's order, a mirrored twin right after its original.
void TableCompilation::drafts()
{
    const std::vector<TokenPair> usual = {{"Left", "Right"}};
    const TokenSwap swap(document_.mirror.value_or(usual));
    for (const MappingSpec& mapping : document_.mappings)
    {
        const std::size_t from = channel(mapping.source, "unknown_source");
        for (const EntrySpec& spec : mapping.entries)
        {
            draft(from, spec.curve, spec);
            if (spec.mirror)
            {
                twin(mapping.source, spec, swap);
            }
        }
        if (mistake_.made())
        {
            return;
        }
    }
}

void TableCompilation::draft(std::size_t from, const TableName& curve, const EntrySpec& spec)
{
    for (const std::size_t place : findCurves(profile_, curve, &channelNames_[from], mistake_))
    {
        drafts_.push_back({from, place, &spec});
    }
}

void TableCompilation::twin(const TableName& name, const EntrySpec& spec, const TokenSwap& swap)
{
    const TableName source{swap(name.text), spec.curve.place};
    if (foldName(source.text) == foldName(name.text))
    {
        mistake_.say(spec.curve.place, "mirror", "'" + name.text + "' has no side to mirror");
        return;
    }
    const std::size_t from = channel(source, "unknown_source");
    draft(from, TableName{swap(spec.curve.text), spec.curve.place}, spec);
}

/// Gives every curve that is driven or holds a value its place among the targets: the profile's order.
void TableCompilation::placeTargets(const std::vector<std::pair<std::size_t, double>>& fixed)
{
    std::vector<bool> driven(profile_.curves.size(), false);
    targetOf_.assign(profile_.curves.size(), kNone);
    for (const auto& entry : fixed)
    {
        driven[entry.first] = true;
    }
    for (const Draft& draft : drafts_)
    {
        driven[draft.curve] = true;
    }
    const std::string& prefix = document_.target->prefix ? *document_.target->prefix : profile_.prefix;
    for (std::size_t i = 0; i < profile_.curves.size(); ++i)
    {
        if (driven[i])
        {
            targetOf_[i] = out_.curves.size();
            out_.curves.push_back(profile_.curves[i]);
            out_.targets.push_back(i < profile_.plainFrom ? prefix + profile_.curves[i] : profile_.curves[i]);
        }
    }
    mapped_.assign(out_.curves.size(), false);
    for (const Draft& draft : drafts_)
    {
        mapped_[targetOf_[draft.curve]] = true;
    }
}

void TableCompilation::entry(const Draft& draft)
{
    const EntrySpec& spec = *draft.spec;
    const DefaultsSpec& defaults = document_.defaults;
    ProgramEntry made;
    made.channel = draft.channel;
    made.target = targetOf_[draft.curve];
    made.weight = number(spec.weight ? spec.weight : defaults.weight, 1.0);
    made.offset = number(spec.offset, 0.0);
    const Bounds bounds = range(spec.clamp);
    made.low = bounds.low;
    made.high = bounds.high;
    made.combine = spec.combine ? *spec.combine : defaults.combine.value_or(Combine::Add);
    made.remap = resolveRemap(spec.remap, params_, mistake_);
    out_.entries.push_back(std::move(made));
}

void TableCompilation::limits()
{
    if (!document_.limits)
    {
        return;
    }
    for (const LimitSpec& spec : *document_.limits)
    {
        const std::vector<std::size_t> children = findCurves(profile_, spec.child, nullptr, mistake_);
        const std::vector<std::size_t> parents = findCurves(profile_, spec.parent, nullptr, mistake_);
        if (mistake_.made())
        {
            return;
        }
        if (parents.size() != 1 && parents.size() != children.size())
        {
            mistake_.say(spec.parent.place, "suffix",
                         "'" + spec.parent.text + "' and '" + spec.child.text + "' stand for different counts");
            return;
        }
        for (std::size_t i = 0; i < children.size(); ++i)
        {
            const std::size_t child = mapped(children[i], spec.child);
            const std::size_t parent = mapped(parents[parents.size() == 1 ? 0 : i], spec.parent);
            out_.limits.push_back({child, parent});
        }
    }
}

std::size_t TableCompilation::mapped(std::size_t curve, const TableName& name)
{
    const std::size_t target = targetOf_[curve];
    if (target == kNone || !mapped_[target])
    {
        mistake_.say(name.place, "undriven", "no mapping drives '" + profile_.curves[curve] + "'");
        return 0;
    }
    return target;
}

void TableCompilation::outputs()
{
    const Bounds usual = document_.defaults.clamp ? range(document_.defaults.clamp) : Bounds{0.0, 1.0};
    out_.outputs.assign(out_.curves.size(), ProgramOutput{1.0, usual.low, usual.high});
    std::unordered_map<std::size_t, const TableName*> seen;
    for (const OutputSpec& spec : document_.outputs)
    {
        for (const std::size_t curve : findCurves(profile_, spec.curve, nullptr, mistake_))
        {
            once(curve, spec.curve, seen);
            const std::size_t target = mapped(curve, spec.curve);
            if (mistake_.made())
            {
                return;
            }
            const Bounds bounds = spec.clamp ? range(spec.clamp) : usual;
            out_.outputs[target] = {number(spec.gain, 1.0), bounds.low, bounds.high};
        }
    }
}

/// Refuses a curve that one file names twice in a section; an extending table may name it again.
void TableCompilation::once(std::size_t curve, const TableName& name,
                            std::unordered_map<std::size_t, const TableName*>& seen)
{
    const TableName*& before = seen[curve];
    if (before != nullptr && before->place.path == name.place.path)
    {
        mistake_.say(name.place, "duplicate_name",
                     "'" + profile_.curves[curve] + "' stands twice, first in line " +
                         std::to_string(before->place.line));
    }
    before = &name;
}

/// Curves that hold one value: constants, and nulls at 0.
std::vector<std::pair<std::size_t, double>> TableCompilation::constants()
{
    std::vector<bool> driven(profile_.curves.size(), false);
    for (const Draft& draft : drafts_)
    {
        driven[draft.curve] = true;
    }
    std::vector<std::pair<std::size_t, double>> values;
    std::unordered_map<std::size_t, const TableName*> seen;
    const auto add = [&](const TableName& name, const Numeric* value)
    {
        for (const std::size_t curve : findCurves(profile_, name, nullptr, mistake_))
        {
            once(curve, name, seen);
            if (driven[curve])
            {
                mistake_.say(name.place, "conflict", "'" + profile_.curves[curve] + "' is driven by a mapping already");
            }
            values.emplace_back(curve, value != nullptr ? value->resolve(params_, mistake_) : 0.0);
        }
    };
    for (const ConstantSpec& spec : document_.constants)
    {
        add(spec.curve, &spec.value);
    }
    if (document_.nullOutputs)
    {
        for (const TableName& name : *document_.nullOutputs)
        {
            add(name, nullptr);
        }
    }
    return values;
}

} // namespace a2fbridge
