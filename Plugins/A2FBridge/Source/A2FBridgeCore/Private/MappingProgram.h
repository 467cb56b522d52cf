// A compiled table: names are indices, parameters are numbers, short forms are written out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "A2FBridge/Convention.h"
#include "A2FBridge/MappingTable.h"

namespace a2fbridge
{

/// In the order in which contributions to a curve are combined.
enum class Combine : std::uint8_t
{
    Add,
    Max,
    Min,
    Multiply,
    Override
};

enum class Operation : std::uint8_t
{
    Sum,
    Product,
    Min,
    Max,
    Sub,
    Ratio,
    Lerp,
    Clamp01
};

enum class RemapKind : std::uint8_t
{
    None,
    Points,
    Power,
    Smoothstep
};

/// A curve through which a value goes.
struct Remap
{
    RemapKind kind = RemapKind::None;
    bool extrapolate = false;
    std::vector<double> numbers; ///< As RemapSpec has them.

    double apply(double x) const;

private:
    double points(double x) const;
};

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// What happens to a source first: gain, offset, dead zone, remap, clamp.
struct ProgramInput
{
    double gain = 1.0;
    double offset = 0.0;
    double deadzone = 0.0;
    double low = -kUnbounded;
    double high = kUnbounded;
    Remap remap;
};

/// An argument of an expression: a channel, or a constant.
struct ProgramArgument
{
    bool constant = false;
    std::size_t channel = 0;
    double value = 0.0;
};

struct ProgramExpression
{
    Operation op = Operation::Sum;
    std::vector<ProgramArgument> args;
    double eps = 1e-4;
    bool hasOtherwise = false;
    double otherwise = 0.0;
};

/// One contribution of a channel to a target.
struct ProgramEntry
{
    std::size_t channel = 0;
    std::size_t target = 0;
    double weight = 1.0;
    double offset = 0.0;
    double low = -kUnbounded;
    double high = kUnbounded;
    Combine combine = Combine::Add;
    Remap remap;
};

struct ProgramOutput
{
    double gain = 1.0;
    double low = 0.0;
    double high = 1.0;
};

struct ProgramLimit
{
    std::size_t child = 0;
    std::size_t parent = 0;
};

struct ProgramConstant
{
    std::size_t target = 0;
    double value = 0.0;
};

/// S sources and E expressions make S + E channels; entries carry them to T targets.
struct TableProgram
{
    std::string name;
    Convention convention = Convention::A2F;
    std::string description;
    std::vector<std::string> provenance;
    std::vector<std::pair<std::string, double>> params;
    std::vector<TableWarning> warnings;
    std::vector<std::string> sources;
    std::vector<std::string> targets; ///< With prefix.
    std::vector<std::string> curves;  ///< Without.

    std::vector<ProgramInput> inputs; ///< One for each source.
    std::vector<ProgramExpression> expressions;
    std::vector<ProgramEntry> entries; ///< In the order of the table.
    std::vector<ProgramLimit> limits;
    std::vector<ProgramOutput> outputs; ///< One for each target.
    std::vector<ProgramConstant> constants;
    bool skipMissing = true; ///< A source that the animation lacks is left out; otherwise it is 0.
};

} // namespace a2fbridge
