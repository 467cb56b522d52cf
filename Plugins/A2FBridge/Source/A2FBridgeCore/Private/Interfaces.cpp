// The home of the interfaces. CMake compiles this file alone with run-time type information, so that programs that have
// it may implement them.
#include "A2FBridge/File.h"
#include "A2FBridge/FrameSource.h"
#include "A2FBridge/MappingTable.h"

namespace a2fbridge
{

IByteSink::~IByteSink() = default;

ITableLoader::~ITableLoader() = default;

IFrameSink::~IFrameSink() = default;
void IFrameSink::onAudio(std::int64_t, Span<std::int16_t>) {}
void IFrameSink::onEvent(std::int64_t, std::string_view, std::string_view) {}

IFrameSource::~IFrameSource() = default;

Status IFrameSource::pushEmotion(const EmotionKey&)
{
    return makeError(ErrorCode::Unsupported, "this source takes no emotions");
}

Status IFrameSource::seek(std::int64_t)
{
    return makeError(ErrorCode::Unsupported, "this source cannot seek; only recorded sessions can");
}

} // namespace a2fbridge
