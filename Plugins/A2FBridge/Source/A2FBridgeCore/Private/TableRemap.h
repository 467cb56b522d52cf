// The bend of an input or entry: read from its node, and with its numbers filled in.
#pragma once

#include <optional>

#include "MappingProgram.h"
#include "TableDocument.h"

namespace a2fbridge
{

/// The field `remap` of a mapping; nothing without one.
std::optional<RemapSpec> readRemap(const YamlNode& owner, Mistake& mistake);

/// Its numbers, checked: an increasing order, a power above 0.
Remap resolveRemap(const std::optional<RemapSpec>& spec, const ParamValues& params, Mistake& mistake);

} // namespace a2fbridge
