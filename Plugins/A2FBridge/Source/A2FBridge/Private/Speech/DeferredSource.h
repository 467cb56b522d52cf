// A source that is not there yet, such as the stream of a local server that is starting. Knows no engine.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "A2FBridge/FrameSource.h"

namespace a2fbridge
{

/// Takes no sound (Full) until `resolve` gives the real source or an error; then it is that source.
class DeferredSource final : public IFrameSource
{
public:
	/// Returns nothing as long as it is to wait. Called by poll and pushAudio, on their thread.
	using Resolve = std::function<std::optional<Result<std::unique_ptr<IFrameSource>>>()>;

	explicit DeferredSource(Resolve resolve) : resolve_(std::move(resolve)) {}

	Status pushAudio(const AudioBlock& block) override;
	Status pushEmotion(const EmotionKey& key) override;
	Status endAudio() override;
	void cancel() override;
	std::size_t poll(IFrameSink& sink, std::size_t maxFrames) override;
	SourceState state() const override;
	Error error() const override;

private:
	bool ready();

	Resolve resolve_;
	std::unique_ptr<IFrameSource> source_;
	std::vector<EmotionKey> early_;
	bool ended_ = false;
	bool cancelled_ = false;
	std::optional<Error> failure_;
};

} // namespace a2fbridge
