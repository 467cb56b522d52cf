#include "TableCompiler.h"

#include <algorithm>
#include <utility>

#include "A2FBridge/Names.h"
#include "TableCompilation.h"
#include "TableRemap.h"
#include "Text.h"

namespace a2fbridge
{
namespace
{

constexpr double kDefaultEps = 1e-4;

bool isIdentifier(const std::string& text)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && letter(text[0]) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

} // namespace

TableProgram TableCompilation::program()
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

void TableCompilation::compile()
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

void TableCompilation::describe()
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

void TableCompilation::inputs()
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
        input.remap = resolveRemap(spec.remap, params_, mistake_);
    }
}

void TableCompilation::expression(const ExpressionSpec& spec)
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

ProgramArgument TableCompilation::argument(const ArgumentSpec& spec)
{
    if (spec.name.text.empty())
    {
        return {true, 0, spec.number.resolve(params_, mistake_)};
    }
    return {false, channel(spec.name, "unknown_name"), 0.0};
}

std::size_t TableCompilation::findChannel(const TableName& name) const
{
    const auto found = channels_.find(foldName(name.text));
    return found == channels_.end() ? kNone : found->second;
}

std::size_t TableCompilation::channel(const TableName& name, const char* reason)
{
    const std::size_t found = findChannel(name);
    if (found == kNone)
    {
        if (!mistake_.made())
        {
            mistake_.say(name.place, reason,
                         "no source or earlier expression '" + name.text + "'" + didYouMean(name.text, channelNames_));
        }
        return 0;
    }
    if (found < used_.size())
    {
        used_[found] = true;
    }
    return found;
}

void TableCompilation::unmapped()
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

double TableCompilation::number(const std::optional<Numeric>& numeric, double usual)
{
    return numeric ? numeric->resolve(params_, mistake_) : usual;
}

Bounds TableCompilation::range(const std::optional<NumericRange>& ends)
{
    return ends ? resolveRange(*ends, params_, mistake_) : Bounds{-kUnbounded, kUnbounded};
}

TableProgram compileTable(const TableDocument& document, const ParamValues& params, ITableLoader* loader,
                          Mistake& mistake)
{
    return TableCompilation(document, params, loader, mistake).program();
}

} // namespace a2fbridge
