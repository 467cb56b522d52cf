// A table as written: sections with their places, names not yet looked up, parameters not yet filled in.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "A2FBridge/Convention.h"
#include "MappingProgram.h"
#include "TableFields.h"

namespace a2fbridge
{

struct RemapSpec
{
    RemapKind kind = RemapKind::None;
    std::vector<Numeric> numbers; ///< x0, y0, x1, y1, ...; or the power; or low, high.
    bool extrapolate = false;
    Place place;
};

struct InputSpec
{
    TableName source;
    std::optional<Numeric> gain;
    std::optional<Numeric> offset;
    std::optional<Numeric> deadzone;
    std::optional<RemapSpec> remap;
    std::optional<NumericRange> clamp;
};

/// An argument of an expression: a name, or a number when the name is empty.
struct ArgumentSpec
{
    TableName name;
    Numeric number;
};

struct ExpressionSpec
{
    TableName name;
    Operation op = Operation::Sum;
    std::vector<ArgumentSpec> args;
    std::optional<Numeric> eps;
    std::optional<Numeric> otherwise;
};

struct EntrySpec
{
    TableName curve;
    std::optional<Numeric> weight;
    std::optional<Numeric> offset;
    std::optional<RemapSpec> remap;
    std::optional<NumericRange> clamp;
    std::optional<Combine> combine;
    bool mirror = false;
};

struct MappingSpec
{
    TableName source;
    std::vector<EntrySpec> entries;
};

struct OutputSpec
{
    TableName curve;
    std::optional<Numeric> gain;
    std::optional<NumericRange> clamp;
};

struct LimitSpec
{
    TableName child;
    TableName parent;
};

struct ConstantSpec
{
    TableName curve;
    Numeric value;
};

struct TargetSpec
{
    TableName profile;
    std::optional<std::string> prefix;
    std::optional<std::vector<TableName>> curves;
};

enum class UnmappedPolicy : std::uint8_t
{
    Warn,
    Ignore,
    Refuse
};

/// `defaults:`; nothing where the table says nothing.
struct DefaultsSpec
{
    std::optional<Numeric> weight;
    std::optional<Combine> combine;
    std::optional<NumericRange> clamp;
    std::optional<bool> zeroMissing;
    std::optional<UnmappedPolicy> unmapped;
};

using TokenPair = std::pair<std::string, std::string>;

/// One file, or several laid over each other.
struct TableDocument
{
    Place place;
    std::string name;
    Convention convention = Convention::A2F;
    Place conventionPlace;
    std::optional<std::string> description;
    std::vector<std::string> provenance;
    std::optional<TableName> extends;
    std::optional<TableName> source;
    std::optional<TargetSpec> target;
    DefaultsSpec defaults;
    std::vector<std::pair<std::string, double>> params;
    std::vector<InputSpec> inputs;
    std::vector<ExpressionSpec> expressions;
    std::vector<MappingSpec> mappings;
    std::optional<std::vector<LimitSpec>> limits;
    std::vector<OutputSpec> outputs;
    std::vector<ConstantSpec> constants;
    std::optional<std::vector<TableName>> nullOutputs;
    std::optional<std::vector<TokenPair>> mirror;
};

} // namespace a2fbridge
