#include "TableCompiler.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "A2FBridge/Names.h"
#include "TableProfile.h"
#include "Text.h"

namespace a2fbridge
{
namespace
{

constexpr double kDefaultEps = 1e-4;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool isIdentifier(const std::string& text)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && letter(text[0]) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

/// A contribution whose curve is known, by its place in the profile.
struct Draft
{
    std::size_t channel;
    std::size_t curve;
    const EntrySpec* spec;
};

class Compiler
{
public:
    Compiler(const TableDocument& document, const ParamValues& params, ITableLoader* loader, Mistake& mistake)
        : document_(document), params_(params), loader_(loader), mistake_(mistake)
    {
    }

    TableProgram program()
    {
        if (!document_.target)
        {
            mistake_.say(document_.place, "schema", "a table needs 'target' (profile, prefix)");
            return {};
        }
        profile_ = resolveTarget(*document_.target, loader_, mistake_);
        out_.sources = resolveSources(document_.source, mistake_);
        channelNames_ = out_.sources;
        for (std::size_t i = 0; i < out_.sources.size(); ++i)
        {
            channels_.emplace(foldName(out_.sources[i]), i);
        }
        used_.assign(out_.sources.size(), false);
        if (!mistake_.made())
        {
            compile();
        }
        return std::move(out_);
    }

private:
    void compile()
    {
        inputs();
        for (const ExpressionSpec& spec : document_.expressions)
        {
            expression(spec);
        }
        drafts();
        std::vector<std::pair<std::size_t, double>> fixed = constants();
        if (mistake_.made())
        {
            return;
        }
        placeTargets(fixed);
        for (const Draft& draft : drafts_)
        {
            entry(draft);
        }
        limits();
        outputs();
        for (const auto& [curve, value] : fixed)
        {
            out_.constants.push_back({targetOf_[curve], value});
        }
        out_.skipMissing = !document_.defaults.zeroMissing.value_or(false);
        unmapped();
        describe();
    }

    void describe()
    {
        out_.name = document_.name;
        out_.convention = document_.convention;
        out_.description = document_.description.value_or("");
        out_.provenance = document_.provenance;
        for (const auto& [name, value] : document_.params)
        {
            const auto found = params_.find(foldName(name));
            out_.params.emplace_back(name, found != params_.end() ? found->second : value);
        }
    }

    // --- stage 1 and 2

    void inputs()
    {
        out_.inputs.resize(out_.sources.size());
        for (const InputSpec& spec : document_.inputs)
        {
            const std::size_t source = findChannel(spec.source);
            if (source == kNone || source >= out_.sources.size())
            {
                mistake_.say(spec.source.place, "unknown_source",
                             "no source '" + spec.source.text + "'" + didYouMean(spec.source.text, out_.sources));
                return;
            }
            ProgramInput& input = out_.inputs[source];
            input.gain = number(spec.gain, 1.0);
            input.offset = number(spec.offset, 0.0);
            input.deadzone = number(spec.deadzone, 0.0);
            if (input.deadzone < 0.0)
            {
                mistake_.say(spec.deadzone->place, "value",
                             "deadzone is " + shortNumber(input.deadzone) + "; right is at least 0");
            }
            const Bounds bounds = range(spec.clamp);
            input.low = bounds.low;
            input.high = bounds.high;
            input.remap = remap(spec.remap);
        }
    }

    void expression(const ExpressionSpec& spec)
    {
        ProgramExpression made;
        made.op = spec.op;
        for (const ArgumentSpec& arg : spec.args)
        {
            made.args.push_back(argument(arg));
        }
        if (!isIdentifier(spec.name.text))
        {
            mistake_.say(spec.name.place, "value",
                         "the name '" + spec.name.text + "' must be letters, digits and _, no digit first");
        }
        if (!channels_.emplace(foldName(spec.name.text), channelNames_.size()).second)
        {
            mistake_.say(spec.name.place, "duplicate_name",
                         "'" + spec.name.text + "' is already a source or an expression");
        }
        channelNames_.push_back(spec.name.text);
        made.eps = number(spec.eps, kDefaultEps);
        if (!(made.eps > 0.0))
        {
            mistake_.say(spec.eps->place, "value", "eps is " + shortNumber(made.eps) + "; right is above 0");
        }
        made.hasOtherwise = spec.otherwise.has_value();
        made.otherwise = number(spec.otherwise, 0.0);
        out_.expressions.push_back(std::move(made));
    }

    ProgramArgument argument(const ArgumentSpec& spec)
    {
        if (spec.name.text.empty())
        {
            return {true, 0, spec.number.resolve(params_, mistake_)};
        }
        return {false, channel(spec.name, "unknown_name"), 0.0};
    }

    std::size_t findChannel(const TableName& name) const
    {
        const auto found = channels_.find(foldName(name.text));
        return found == channels_.end() ? kNone : found->second;
    }

    std::size_t channel(const TableName& name, const char* reason)
    {
        const std::size_t found = findChannel(name);
        if (found == kNone)
        {
            if (!mistake_.made())
            {
                mistake_.say(name.place, reason,
                             "no source or earlier expression '" + name.text + "'" +
                                 didYouMean(name.text, channelNames_));
            }
            return 0;
        }
        if (found < used_.size())
        {
            used_[found] = true;
        }
        return found;
    }

    // --- stage 3

    /// Contributions in the table's order, a mirrored twin right after its original.
    void drafts()
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

    void draft(std::size_t from, const TableName& curve, const EntrySpec& spec)
    {
        for (const std::size_t place : findCurves(profile_, curve, &channelNames_[from], mistake_))
        {
            drafts_.push_back({from, place, &spec});
        }
    }

    void twin(const TableName& name, const EntrySpec& spec, const TokenSwap& swap)
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
    void placeTargets(const std::vector<std::pair<std::size_t, double>>& fixed)
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

    void entry(const Draft& draft)
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
        made.remap = remap(spec.remap);
        out_.entries.push_back(std::move(made));
    }

    // --- stages 4 and 5

    void limits()
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

    std::size_t mapped(std::size_t curve, const TableName& name)
    {
        const std::size_t target = targetOf_[curve];
        if (target == kNone || !mapped_[target])
        {
            mistake_.say(name.place, "undriven", "no mapping drives '" + profile_.curves[curve] + "'");
            return 0;
        }
        return target;
    }

    void outputs()
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
    void once(std::size_t curve, const TableName& name, std::unordered_map<std::size_t, const TableName*>& seen)
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
    std::vector<std::pair<std::size_t, double>> constants()
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
                    mistake_.say(name.place, "conflict",
                                 "'" + profile_.curves[curve] + "' is driven by a mapping already");
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

    void unmapped()
    {
        const UnmappedPolicy policy = document_.defaults.unmapped.value_or(UnmappedPolicy::Warn);
        if (policy == UnmappedPolicy::Ignore)
        {
            return;
        }
        for (std::size_t i = 0; i < used_.size(); ++i)
        {
            if (used_[i])
            {
                continue;
            }
            const std::string& name = out_.sources[i];
            std::string message = "the source '" + name + "' is not mapped; write '" + name + ": []' if that is meant";
            const Place& place = document_.place;
            if (policy == UnmappedPolicy::Refuse)
            {
                mistake_.say(place, "unmapped_source", std::move(message));
                return;
            }
            out_.warnings.push_back({"unmapped_source", std::move(message), place.path != nullptr ? *place.path : "",
                                     place.line, place.column});
        }
    }

    // --- numbers

    double number(const std::optional<Numeric>& numeric, double usual)
    {
        return numeric ? numeric->resolve(params_, mistake_) : usual;
    }

    Bounds range(const std::optional<NumericRange>& ends)
    {
        return ends ? resolveRange(*ends, params_, mistake_) : Bounds{-kUnbounded, kUnbounded};
    }

    Remap remap(const std::optional<RemapSpec>& spec)
    {
        Remap made;
        if (!spec)
        {
            return made;
        }
        made.kind = spec->kind;
        made.extrapolate = spec->extrapolate;
        for (const Numeric& numeric : spec->numbers)
        {
            made.numbers.push_back(numeric.resolve(params_, mistake_));
        }
        if (made.kind == RemapKind::Power && !made.numbers.empty() && !(made.numbers[0] > 0.0))
        {
            mistake_.say(spec->place, "value", "power is " + shortNumber(made.numbers[0]) + "; right is above 0");
        }
        const std::size_t step = made.kind == RemapKind::Points ? 2 : 1;
        for (std::size_t i = step; i < made.numbers.size(); i += step)
        {
            if (!(made.numbers[i] > made.numbers[i - step]))
            {
                mistake_.say(spec->place, "value",
                             std::string("the x values of ") +
                                 (made.kind == RemapKind::Points ? "points" : "smoothstep") + " must increase");
            }
        }
        return made;
    }

    const TableDocument& document_;
    const ParamValues& params_;
    ITableLoader* loader_;
    Mistake& mistake_;
    TargetProfile profile_;
    TableProgram out_;
    std::unordered_map<std::string, std::size_t> channels_; ///< By folded name.
    std::vector<std::string> channelNames_;
    std::vector<bool> used_; ///< Sources that some expression or mapping names.
    std::vector<Draft> drafts_;
    std::vector<std::size_t> targetOf_; ///< Of a curve of the profile.
    std::vector<bool> mapped_;          ///< Whether a mapping drives a target.
};

} // namespace

TableProgram compileTable(const TableDocument& document, const ParamValues& params, ITableLoader* loader,
                          Mistake& mistake)
{
    return Compiler(document, params, loader, mistake).program();
}

} // namespace a2fbridge
