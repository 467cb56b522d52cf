#include "Speech/NativeSource.h"

#include <array>
#include <atomic>
#include <mutex>
#include <string_view>

namespace a2fbridge
{

namespace
{

/// Writes text as a JSON string.
std::string quoted(std::string_view text)
{
	constexpr char digits[] = "0123456789abcdef";
	std::string out = "\"";
	for (const char character : text)
	{
		const auto code = static_cast<unsigned char>(character);
		if (character == '"' || character == '\\')
		{
			out += '\\';
			out += character;
		}
		else if (code < 0x20)
		{
			out += "\\u00";
			out += digits[code >> 4];
			out += digits[code & 15];
		}
		else
		{
			out += character;
		}
	}
	return out + '"';
}

class NativeSource final : public IFrameSource
{
public:
	NativeSource(const a2fb_api& api, std::shared_ptr<a2fb_connection> connection, NativeStreamOptions options)
		: api_(api), connection_(std::move(connection)), options_(std::move(options))
	{
		A2FB_CLEAR(frame_);
		A2FB_CLEAR(pushError_);
	}

	~NativeSource() override
	{
		if (session_ != nullptr)
		{
			api_.session_close(session_);
		}
	}

	Status pushAudio(const AudioBlock& block) override
	{
		if (isFinal())
		{
			return makeError(ErrorCode::WrongState, "the stream is over");
		}
		if (session_ == nullptr)
		{
			if (const Status opened = open(block.sampleRate); !opened.ok())
			{
				return opened;
			}
		}
		if (!pushRest())
		{
			return isFinal() ? Status(makeError(ErrorCode::WrongState, "the stream is over"))
							 : Status(makeError(ErrorCode::Full, "the send queue is full"));
		}
		a2fb_audio sound;
		A2FB_CLEAR(sound);
		const bool floats = !block.floats.empty();
		sound.format = floats ? A2FB_F32 : A2FB_S16;
		sound.channels = static_cast<std::uint32_t>(block.channels);
		const std::size_t width = static_cast<std::size_t>(block.channels);
		sound.data = floats ? static_cast<const void*>(block.floats.data()) : static_cast<const void*>(block.pcm16.data());
		sound.frames = (floats ? block.floats.size() : block.pcm16.size()) / width;
		std::size_t taken = 0;
		const a2fb_status status = push(sound, taken);
		if (status < 0)
		{
			return fail(status);
		}
		if (taken == 0 && sound.frames > 0)
		{
			return makeError(ErrorCode::Full, "the send queue is full");
		}
		if (taken < sound.frames) // a part was taken: the rest goes before the next block
		{
			restFloats_.assign(block.floats.begin() + (floats ? taken * width : 0), block.floats.end());
			restPcm_.assign(block.pcm16.begin() + (floats ? 0 : taken * width), block.pcm16.end());
			restChannels_ = block.channels;
		}
		return {};
	}

	Status pushEmotion(const EmotionKey& key) override
	{
		if (session_ == nullptr)
		{
			early_.push_back(key);
			return {};
		}
		return sendEmotion(key);
	}

	Status endAudio() override
	{
		ended_ = true;
		finishSound();
		return {};
	}

	void cancel() override
	{
		const std::lock_guard<std::mutex> lock(mutex_);
		if (!isFinal())
		{
			state_ = SourceState::Cancelled;
			if (session_ != nullptr)
			{
				api_.session_cancel(session_);
			}
		}
	}

	std::size_t poll(IFrameSink& sink, std::size_t maxFrames) override
	{
		if (session_ == nullptr || isFinal())
		{
			return 0;
		}
		finishSound();
		if (!announced_ && !announce(sink))
		{
			return 0;
		}
		forwardWarnings(sink);
		std::size_t count = 0;
		a2fb_error error;
		A2FB_CLEAR(error);
		while (count < maxFrames && !isFinal())
		{
			const a2fb_status status = api_.session_poll(session_, &frame_, &error);
			if (status == A2FB_OK)
			{
				FrameView frame;
				frame.sampleIndex = frame_.sample_index;
				frame.timeCode = frame_.time_code;
				frame.weights = Span<float>(weights_.data(), frame_.weight_count);
				frame.emotions = Span<float>(frame_.emotions, A2FB_EMOTIONS);
				sink.onFrame(frame);
				++count;
				continue;
			}
			if (status == A2FB_END)
			{
				state_ = SourceState::Ended;
			}
			else if (status < 0)
			{
				(void)fail(status, error);
			}
			break;
		}
		return count;
	}

	SourceState state() const override { return state_; }

	Error error() const override
	{
		const std::lock_guard<std::mutex> lock(mutex_);
		return error_;
	}

private:
	bool isFinal() const
	{
		const SourceState state = state_;
		return state == SourceState::Ended || state == SourceState::Failed || state == SourceState::Cancelled;
	}

	Status open(std::int32_t sampleRate)
	{
		a2fb_error error;
		A2FB_CLEAR(error);
		const a2fb_status status = openNativeSession(api_, connection_.get(), options_, sampleRate, session_, error);
		if (status < 0)
		{
			session_ = nullptr;
			return fail(status, error);
		}
		sampleRate_ = sampleRate;
		for (const EmotionKey& key : early_)
		{
			if (const Status sent = sendEmotion(key); !sent.ok())
			{
				return sent;
			}
		}
		early_.clear();
		return {};
	}

	/// Hands the format to the sink once the server's header is there.
	bool announce(IFrameSink& sink)
	{
		a2fb_session_info info;
		A2FB_CLEAR(info);
		if (api_.session_info(session_, &info) != A2FB_OK || info.weight_count == 0)
		{
			// Failures before the header come through poll.
			a2fb_error error;
			A2FB_CLEAR(error);
			if (info.state == A2FB_SESSION_FAILED || info.state == A2FB_SESSION_CANCELLED)
			{
				std::array<float, 1> none{};
				frame_.weights = none.data();
				frame_.weight_capacity = 1;
				const a2fb_status status = api_.session_poll(session_, &frame_, &error);
				(void)fail(status < 0 ? status : info.status, error);
			}
			return false;
		}
		StreamFormat format;
		format.sampleRate = info.audio_sample_rate > 0 ? static_cast<std::int32_t>(info.audio_sample_rate) : sampleRate_;
		if (info.frame_rate_numerator > 0 && info.frame_rate_denominator > 0)
		{
			format.frameRate = {info.frame_rate_numerator, info.frame_rate_denominator};
		}
		for (std::uint32_t index = 0; index < info.weight_count; ++index)
		{
			a2fb_str name{};
			api_.session_text(session_, A2FB_TEXT_NAME, index, &name);
			format.names.emplace_back(name.data, name.size);
		}
		weights_.resize(info.weight_count);
		frame_.weights = weights_.data();
		frame_.weight_capacity = info.weight_count;
		announced_ = true;
		state_ = SourceState::Streaming;
		sink.onFormat(format);
		return true;
	}

	void forwardWarnings(IFrameSink& sink)
	{
		a2fb_session_info info;
		A2FB_CLEAR(info);
		api_.session_info(session_, &info);
		for (; warnings_ < info.warning_count; ++warnings_)
		{
			a2fb_str text{};
			if (api_.session_text(session_, A2FB_TEXT_WARNING, warnings_, &text) == A2FB_OK)
			{
				const std::string json = "{\"kind\": \"status\", \"level\": \"warning\", \"message\": " +
										 quoted(std::string_view(text.data, text.size)) + "}";
				sink.onEvent(0, "status", json);
			}
		}
	}

	Status sendEmotion(const EmotionKey& key)
	{
		std::vector<a2fb_value> named;
		for (std::size_t index = 0; index < kEmotionCount; ++index)
		{
			const std::string_view name = emotionNames()[index];
			named.push_back({{name.data(), name.size()}, key.values[index]});
		}
		a2fb_error error;
		A2FB_CLEAR(error);
		const a2fb_status status = api_.session_emotions(session_, key.timeCode, named.data(), named.size(), &error);
		if (status == A2FB_WOULD_BLOCK)
		{
			return makeError(ErrorCode::Full, "too many emotion keys wait to be sent");
		}
		return status < 0 ? Status(nativeError(status, error)) : Status();
	}

	a2fb_status push(const a2fb_audio& sound, std::size_t& taken)
	{
		A2FB_CLEAR(pushError_);
		const a2fb_status status = api_.session_push(session_, &sound, &taken, &pushError_);
		// A session that just failed may refuse sound before it says why: poll will.
		return status == A2FB_E_STATE ? A2FB_WOULD_BLOCK : status;
	}

	/// Sends what a full queue left over; true when nothing is left.
	bool pushRest()
	{
		const bool floats = !restFloats_.empty();
		if (!floats && restPcm_.empty())
		{
			return true;
		}
		a2fb_audio sound;
		A2FB_CLEAR(sound);
		sound.format = floats ? A2FB_F32 : A2FB_S16;
		sound.channels = static_cast<std::uint32_t>(restChannels_);
		const std::size_t width = static_cast<std::size_t>(restChannels_);
		sound.data = floats ? static_cast<const void*>(restFloats_.data()) : static_cast<const void*>(restPcm_.data());
		sound.frames = (floats ? restFloats_.size() : restPcm_.size()) / width;
		std::size_t taken = 0;
		const a2fb_status status = push(sound, taken);
		if (status < 0)
		{
			(void)fail(status);
			return false;
		}
		const auto drop = static_cast<std::ptrdiff_t>(taken * width);
		if (floats)
		{
			restFloats_.erase(restFloats_.begin(), restFloats_.begin() + drop);
		}
		else
		{
			restPcm_.erase(restPcm_.begin(), restPcm_.begin() + drop);
		}
		return restFloats_.empty() && restPcm_.empty();
	}

	void finishSound()
	{
		if (ended_ && !told_ && session_ != nullptr && !isFinal() && pushRest())
		{
			told_ = true;
			api_.session_end(session_, nullptr);
		}
		else if (ended_ && session_ == nullptr && !isFinal())
		{
			const std::lock_guard<std::mutex> lock(mutex_);
			error_ = makeError(ErrorCode::InvalidArgument, "there was no sound to animate");
			state_ = SourceState::Failed;
		}
	}

	Status fail(a2fb_status status) { return fail(status, pushError_); }

	Status fail(a2fb_status status, const a2fb_error& error)
	{
		const std::lock_guard<std::mutex> lock(mutex_);
		if (!isFinal())
		{
			error_ = nativeError(status, error);
			state_ = status == A2FB_E_CANCELLED ? SourceState::Cancelled : SourceState::Failed;
		}
		return error_;
	}

	const a2fb_api& api_;
	const std::shared_ptr<a2fb_connection> connection_;
	const NativeStreamOptions options_;
	a2fb_session* session_ = nullptr;
	a2fb_frame frame_;
	a2fb_error pushError_;
	std::vector<float> weights_;
	std::vector<EmotionKey> early_;
	std::vector<std::int16_t> restPcm_;
	std::vector<float> restFloats_;
	std::int32_t restChannels_ = 1;
	std::int32_t sampleRate_ = 0;
	std::uint32_t warnings_ = 0;
	bool announced_ = false;
	bool ended_ = false;
	bool told_ = false;
	std::atomic<SourceState> state_{SourceState::Opening};
	mutable std::mutex mutex_;
	Error error_ = makeError(ErrorCode::Internal, "no error");
};

} // namespace

std::unique_ptr<IFrameSource> makeNativeSource(
	const a2fb_api& api, std::shared_ptr<a2fb_connection> connection, NativeStreamOptions options)
{
	return std::make_unique<NativeSource>(api, std::move(connection), std::move(options));
}

} // namespace a2fbridge
