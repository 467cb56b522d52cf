// What a player plays: a stream, and how its frames become what a face shows.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "A2FBridge/Convention.h"
#include "A2FBridge/FrameBuffer.h"
#include "A2FBridge/MappingTable.h"

namespace a2fbridge
{

/// One stream. The buffer may be used by any thread, the rest does not change.
struct PlayerStream
{
    PlayerStream(const StreamFormat& streamFormat, std::size_t capacity)
        : format(streamFormat), buffer(streamFormat.names.size(), capacity)
    {
    }

    const StreamFormat format;
    FrameBuffer buffer;
};

/// A stream bound to a table, with all the memory that the reader needs. Made by a writer; after that the reader's
/// alone.
struct PlayerBinding
{
    PlayerBinding(std::shared_ptr<PlayerStream> boundStream, std::shared_ptr<const MappingPlan> boundPlan,
                  const ConventionConverter& boundConverter, std::uint64_t boundRevision)
        : stream(std::move(boundStream)), plan(std::move(boundPlan)), converter(boundConverter),
          revision(boundRevision), fresh(stream->format.names.size()), shown(fresh.size()), from(fresh.size()),
          converted(fresh.size()), values(plan ? plan->outputCount() : 0), scratch(plan ? plan->scratchSize() : 0),
          emotions(kEmotionCount, std::numeric_limits<float>::quiet_NaN())
    {
    }

    const std::vector<std::string>& names() const { return plan ? plan->table().targets() : stream->format.names; }

    std::shared_ptr<PlayerStream> stream;
    std::shared_ptr<const MappingPlan> plan; ///< Null: weights come out as they are.
    ConventionConverter converter;           ///< From the stream's convention to the table's.
    std::uint64_t revision;

    std::vector<float> fresh;     ///< The frame of the position.
    std::vector<float> shown;     ///< What the face shows, before the mapping.
    std::vector<float> from;      ///< What it showed when a blend began.
    std::vector<float> converted; ///< `shown` in the table's convention.
    std::vector<float> values;    ///< `shown` mapped.
    std::vector<double> scratch;
    std::vector<float> emotions;
};

} // namespace a2fbridge
