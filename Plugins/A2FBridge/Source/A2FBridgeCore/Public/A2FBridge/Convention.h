// The two meanings of MouthClose, and the way from one to the other (docs/mapping.md, Conventions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "A2FBridge/Export.h"
#include "A2FBridge/Result.h"
#include "A2FBridge/Span.h"

namespace a2fbridge
{

/// What the weights of a stream mean.
enum class Convention : std::uint8_t
{
    A2F,   ///< NVIDIA's: the pose MouthClose contains JawOpen. What servers send.
    ARKit, ///< Apple's, Live Link's, VRM's: JawOpen is the whole jaw.
    Target ///< Curves of a rig after a mapping; cannot be converted back.
};

/// Returns "a2f", "arkit" or "target".
A2FBRIDGECORE_API const char* conventionName(Convention convention);
/// Returns the convention of that name (exactly as conventionName writes it). Error: InvalidData.
A2FBRIDGECORE_API Result<Convention> parseConvention(std::string_view name);

/// Converts frames of one fixed set of names. Immutable; any thread.
class A2FBRIDGECORE_API ConventionConverter
{
public:
    /// A converter that changes nothing.
    ConventionConverter() = default;
    /// `names` are the columns of the frames; without both JawOpen and MouthClose (found without case) weights stay as
    /// they are. Error: InvalidArgument for a pair that cannot be converted (anything to or from Target but itself).
    static Result<ConventionConverter> create(Span<std::string> names, Convention from, Convention to);

    /// Converts one frame in place. Never fails, never allocates.
    void apply(float* weights) const;

private:
    enum class Kind : std::uint8_t
    {
        None,
        ToArkit,
        ToA2f
    };
    Kind kind_ = Kind::None;
    std::size_t jawOpen_ = 0;
    std::size_t mouthClose_ = 0;
};

} // namespace a2fbridge
