#include "Speech/DeferredSource.h"

#include <utility>

namespace a2fbridge
{

bool DeferredSource::ready()
{
	if (source_ || failure_ || cancelled_)
	{
		return source_ != nullptr;
	}
	auto resolved = resolve_();
	if (!resolved)
	{
		return false;
	}
	if (!resolved->ok())
	{
		failure_ = resolved->error();
		return false;
	}
	source_ = std::move(resolved->value());
	for (const EmotionKey& key : early_)
	{
		(void)source_->pushEmotion(key);
	}
	if (ended_)
	{
		(void)source_->endAudio();
	}
	return true;
}

Status DeferredSource::pushAudio(const AudioBlock& block)
{
	if (ready())
	{
		return source_->pushAudio(block);
	}
	const bool over = failure_ || cancelled_;
	return over ? makeError(ErrorCode::WrongState, "the stream is over") : makeError(ErrorCode::Full, "not ready yet");
}

Status DeferredSource::pushEmotion(const EmotionKey& key)
{
	if (source_)
	{
		return source_->pushEmotion(key);
	}
	early_.push_back(key);
	return {};
}

Status DeferredSource::endAudio()
{
	ended_ = true;
	return source_ ? source_->endAudio() : Status();
}

void DeferredSource::cancel()
{
	cancelled_ = true;
	if (source_)
	{
		source_->cancel();
	}
}

std::size_t DeferredSource::poll(IFrameSink& sink, std::size_t maxFrames)
{
	return ready() ? source_->poll(sink, maxFrames) : 0;
}

SourceState DeferredSource::state() const
{
	if (source_)
	{
		return source_->state();
	}
	return failure_ ? SourceState::Failed : cancelled_ ? SourceState::Cancelled : SourceState::Opening;
}

Error DeferredSource::error() const
{
	return source_ ? source_->error() : failure_.value_or(makeError(ErrorCode::Internal, "no error"));
}

} // namespace a2fbridge
