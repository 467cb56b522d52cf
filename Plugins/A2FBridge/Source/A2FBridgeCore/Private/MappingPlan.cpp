// A table bound to the columns of a stream, and its evaluation (docs/mapping.md, The language and Arithmetic).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "A2FBridge/MappingTable.h"
#include "A2FBridge/Names.h"
#include "MappingProgram.h"

namespace a2fbridge
{
namespace
{

constexpr std::uint32_t kNoRemap = 0xFFFFFFFFU;

double finite(double x)
{
    return std::isfinite(x) ? x : 0.0;
}

double clamp(double x, double low, double high)
{
    return std::min(std::max(x, low), high);
}

struct Input
{
    std::uint32_t column;
    std::uint32_t channel;
    std::uint32_t remap;
    double gain;
    double offset;
    double deadzone;
    double low;
    double high;
};

/// A missing source that counts as 0 and still goes through stage 1.
struct FixedChannel
{
    std::uint32_t channel;
    double value;
};

/// The plain case, most of every table: y += x * weight + offset.
struct LinearEntry
{
    std::uint32_t channel;
    std::uint32_t target;
    double weight;
    double offset;
};

struct Entry
{
    std::uint32_t channel;
    std::uint32_t target;
    std::uint32_t remap;
    Combine combine;
    double weight;
    double offset;
    double low;
    double high;
};

std::uint32_t narrow(std::size_t index)
{
    return static_cast<std::uint32_t>(index);
}

double stage1(const ProgramInput& input, double x)
{
    x = finite(x) * input.gain + input.offset;
    x = std::abs(x) < input.deadzone ? 0.0 : x;
    x = input.remap.kind == RemapKind::None ? x : input.remap.apply(x);
    return finite(clamp(x, input.low, input.high));
}

double foldOver(Operation op, double a, double b)
{
    switch (op)
    {
    case Operation::Sum:
        return a + b;
    case Operation::Product:
        return a * b;
    case Operation::Min:
        return b < a ? b : a;
    default:
        return b > a ? b : a;
    }
}

double evaluate(const ProgramExpression& expression, const double* channels)
{
    const auto arg = [&](std::size_t i)
    {
        const ProgramArgument& argument = expression.args[i];
        return argument.constant ? argument.value : channels[argument.channel];
    };
    switch (expression.op)
    {
    case Operation::Sub:
        return arg(0) - arg(1);
    case Operation::Ratio:
    {
        const double below = std::max(arg(1), 0.0);
        return expression.hasOtherwise && !(below > 0.0) ? expression.otherwise
                                                         : std::max(arg(0), 0.0) / (below + expression.eps);
    }
    case Operation::Lerp:
        return arg(0) + (arg(1) - arg(0)) * arg(2);
    case Operation::Clamp01:
        return clamp(arg(0), 0.0, 1.0);
    default:
        break;
    }
    double value = arg(0);
    for (std::size_t i = 1; i < expression.args.size(); ++i)
    {
        value = foldOver(expression.op, value, arg(i));
    }
    return value;
}

double combined(Combine combine, double y, double v)
{
    switch (combine)
    {
    case Combine::Add:
        return y + v;
    case Combine::Max:
        return std::max(y, v);
    case Combine::Min:
        return std::min(y, v);
    case Combine::Multiply:
        return y * v;
    case Combine::Override:
        break;
    }
    return v;
}

bool isLinear(const ProgramEntry& entry)
{
    return entry.combine == Combine::Add && entry.remap.kind == RemapKind::None && std::isinf(entry.low) &&
           std::isinf(entry.high);
}

} // namespace

double Remap::points(double x) const
{
    const std::size_t count = numbers.size() / 2;
    if (!extrapolate)
    {
        x = clamp(x, numbers[0], numbers[2 * (count - 1)]);
    }
    std::size_t low = 0;
    std::size_t high = count - 1;
    while (high - low > 1)
    {
        const std::size_t middle = low + (high - low) / 2;
        (numbers[2 * middle] <= x ? low : high) = middle;
    }
    const double* p = numbers.data() + 2 * low;
    const double slope = (p[3] - p[1]) / (p[2] - p[0]);
    return p[1] + (x - p[0]) * slope;
}

double Remap::apply(double x) const
{
    switch (kind)
    {
    case RemapKind::Points:
        return points(x);
    case RemapKind::Power:
    {
        const double size = std::pow(std::abs(x), numbers[0]);
        return x > 0.0 ? size : (x < 0.0 ? -size : 0.0);
    }
    case RemapKind::Smoothstep:
    {
        const double t = clamp((x - numbers[0]) / (numbers[1] - numbers[0]), 0.0, 1.0);
        return t * t * (3.0 - 2.0 * t);
    }
    case RemapKind::None:
        break;
    }
    return x;
}

struct MappingPlan::Flat
{
    std::size_t inputCount = 0;
    std::size_t channelCount = 0;
    std::vector<Input> inputs;
    std::vector<FixedChannel> fixed;
    std::vector<LinearEntry> linear;
    std::vector<Entry> entries; ///< Sums first, then max, min, multiply, override.
    std::vector<Remap> remaps;
    std::vector<std::string> missing;

    std::uint32_t remap(const Remap& remap)
    {
        if (remap.kind == RemapKind::None)
        {
            return kNoRemap;
        }
        remaps.push_back(remap);
        return narrow(remaps.size() - 1);
    }

    void bindInputs(const TableProgram& program, const std::unordered_map<std::string, std::size_t>& columns,
                    std::vector<bool>& live);
    void bindEntries(const TableProgram& program, const std::vector<bool>& live);
    void channels(const TableProgram& program, const float* weights, double* x) const;
    void combine(const double* x, double* y) const;
};

void MappingPlan::Flat::bindInputs(const TableProgram& program,
                                   const std::unordered_map<std::string, std::size_t>& columns, std::vector<bool>& live)
{
    for (std::size_t i = 0; i < program.sources.size(); ++i)
    {
        const ProgramInput& input = program.inputs[i];
        const auto found = columns.find(foldName(program.sources[i]));
        if (found != columns.end())
        {
            inputs.push_back({narrow(found->second), narrow(i), remap(input.remap), input.gain, input.offset,
                              input.deadzone, input.low, input.high});
        }
        else
        {
            missing.push_back(program.sources[i]);
            fixed.push_back({narrow(i), program.skipMissing ? 0.0 : stage1(input, 0.0)});
        }
        live[i] = found != columns.end() || !program.skipMissing;
    }
    for (std::size_t i = 0; i < program.expressions.size(); ++i)
    {
        bool named = false;
        bool any = false;
        for (const ProgramArgument& arg : program.expressions[i].args)
        {
            named = named || !arg.constant;
            any = any || (!arg.constant && live[arg.channel]);
        }
        live[program.sources.size() + i] = any || !named || !program.skipMissing;
    }
}

void MappingPlan::Flat::bindEntries(const TableProgram& program, const std::vector<bool>& live)
{
    for (const ProgramEntry& entry : program.entries)
    {
        if (!live[entry.channel])
        {
            continue;
        }
        if (isLinear(entry))
        {
            linear.push_back({narrow(entry.channel), narrow(entry.target), entry.weight, entry.offset});
        }
        else
        {
            entries.push_back({narrow(entry.channel), narrow(entry.target), remap(entry.remap), entry.combine,
                               entry.weight, entry.offset, entry.low, entry.high});
        }
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.combine < b.combine; });
}

/// The sources after stage 1, then the expressions.
void MappingPlan::Flat::channels(const TableProgram& program, const float* weights, double* x) const
{
    for (const FixedChannel& channel : fixed)
    {
        x[channel.channel] = channel.value;
    }
    for (const Input& input : inputs)
    {
        double value = finite(static_cast<double>(weights[input.column])) * input.gain + input.offset;
        value = std::abs(value) < input.deadzone ? 0.0 : value;
        value = input.remap == kNoRemap ? value : remaps[input.remap].apply(value);
        x[input.channel] = finite(clamp(value, input.low, input.high));
    }
    double* next = x + program.sources.size();
    for (const ProgramExpression& expression : program.expressions)
    {
        *next++ = finite(evaluate(expression, x));
    }
}

void MappingPlan::Flat::combine(const double* x, double* y) const
{
    for (const LinearEntry& entry : linear)
    {
        y[entry.target] += finite(x[entry.channel] * entry.weight + entry.offset);
    }
    for (const Entry& entry : entries)
    {
        const double remapped =
            entry.remap == kNoRemap ? x[entry.channel] : remaps[entry.remap].apply(x[entry.channel]);
        const double value = finite(clamp(remapped * entry.weight + entry.offset, entry.low, entry.high));
        y[entry.target] = combined(entry.combine, y[entry.target], value);
    }
}

MappingPlan::MappingPlan() : flat_(std::make_unique<Flat>()) {}
MappingPlan::~MappingPlan() = default;

void MappingPlan::apply(const float* weights, float* out, double* scratch) const
{
    const TableProgram& program = *table_->program_;
    double* y = scratch + flat_->channelCount;
    const std::size_t count = program.outputs.size();
    std::fill_n(y, count, 0.0);
    flat_->channels(program, weights, scratch);
    flat_->combine(scratch, y);
    for (std::size_t i = 0; i < count; ++i)
    {
        y[i] = finite(y[i]);
    }
    for (const ProgramLimit& limit : program.limits)
    {
        y[limit.child] = std::min(y[limit.child], y[limit.parent]);
    }
    for (std::size_t i = 0; i < count; ++i)
    {
        const ProgramOutput& output = program.outputs[i];
        out[i] = static_cast<float>(clamp(finite(y[i] * output.gain), output.low, output.high));
    }
    for (const ProgramConstant& constant : program.constants)
    {
        out[constant.target] = static_cast<float>(constant.value);
    }
}

std::size_t MappingPlan::inputCount() const
{
    return flat_->inputCount;
}

std::size_t MappingPlan::outputCount() const
{
    return table_->program_->targets.size();
}

std::size_t MappingPlan::scratchSize() const
{
    return flat_->channelCount + outputCount();
}

const MappingTable& MappingPlan::table() const
{
    return *table_;
}

const std::vector<std::string>& MappingPlan::missing() const
{
    return flat_->missing;
}

Result<std::shared_ptr<const MappingPlan>> MappingTable::bind(Span<std::string> names) const
{
    std::unordered_map<std::string, std::size_t> columns;
    for (std::size_t i = 0; i < names.size(); ++i)
    {
        const auto [known, fresh] = columns.emplace(foldName(names[i]), i);
        if (!fresh)
        {
            return makeError(ErrorCode::InvalidArgument,
                             "the name '" + names[i] + "' stands twice (as '" + names[known->second] + "')",
                             "duplicate_name");
        }
    }
    const std::shared_ptr<MappingPlan> plan(new MappingPlan);
    MappingPlan::Flat& flat = *plan->flat_;
    flat.inputCount = names.size();
    flat.channelCount = program_->sources.size() + program_->expressions.size();
    std::vector<bool> live(flat.channelCount, false);
    flat.bindInputs(*program_, columns, live);
    flat.bindEntries(*program_, live);
    plan->table_ = shared_from_this();
    return std::shared_ptr<const MappingPlan>(plan);
}

} // namespace a2fbridge
