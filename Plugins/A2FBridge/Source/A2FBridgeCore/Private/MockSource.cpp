#include <atomic>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "A2FBridge/Sources.h"
#include "SpeechMotion.h"

namespace a2fbridge
{
namespace
{

constexpr std::int32_t kMinRate = 8000;
constexpr std::int32_t kMaxRate = 384000;
constexpr std::int32_t kMaxChannels = 8;
constexpr std::size_t kMaxKeys = 4096;
/// Mouth shapes a second: about the rate of syllables.
constexpr double kSyllables = 4.5;

Error invalid(std::string message)
{
    return makeError(ErrorCode::InvalidArgument, std::move(message));
}

Status checkBlock(const AudioBlock& block)
{
    const std::size_t count = block.pcm16.size() + block.floats.size();
    if (block.channels < 1 || block.channels > kMaxChannels)
    {
        return invalid(std::to_string(block.channels) + " channels; right are 1 to " + std::to_string(kMaxChannels));
    }
    if (block.sampleRate < kMinRate || block.sampleRate > kMaxRate)
    {
        return invalid(std::to_string(block.sampleRate) + " Hz; right are " + std::to_string(kMinRate) + " to " +
                       std::to_string(kMaxRate));
    }
    if ((!block.pcm16.empty() && !block.floats.empty()) || count % static_cast<std::size_t>(block.channels) != 0)
    {
        return invalid("sound is either 16-bit or float, and whole for every channel");
    }
    return {};
}

class MockSource final : public IFrameSource
{
public:
    explicit MockSource(const MockOptions& options) : options_(options) {}

    Status pushAudio(const AudioBlock& block) override
    {
        if (Status right = checkBlock(block); !right)
        {
            return right;
        }
        if (ended_ || state_ >= SourceState::Ended)
        {
            return makeError(ErrorCode::WrongState, "no sound can follow the end");
        }
        if (analyser_ && block.sampleRate != sampleRate_)
        {
            return invalid("the sample rate changed from " + std::to_string(sampleRate_) + " to " +
                           std::to_string(block.sampleRate) + " Hz; right is one rate for a stream");
        }
        sampleRate_ = block.sampleRate;
        if (!analyser_)
        {
            analyser_.emplace(sampleRate_, options_.maxSeconds + 2.0);
        }
        const auto channels = static_cast<std::size_t>(block.channels);
        const std::size_t samples = (block.pcm16.size() + block.floats.size()) / channels;
        const auto ahead =
            static_cast<double>(analyser_->samples() + static_cast<std::int64_t>(samples) - nextSample());
        if (ahead > options_.maxSeconds * sampleRate_)
        {
            return makeError(ErrorCode::Full, "more than " + std::to_string(static_cast<int>(options_.maxSeconds)) +
                                                  " s of sound wait; poll the frames first");
        }
        for (std::size_t i = 0; i < samples; ++i)
        {
            analyser_->add(monoAt(block, i * channels));
        }
        return {};
    }

    Status pushEmotion(const EmotionKey& key) override
    {
        if (!std::isfinite(key.timeCode) || (!keys_.empty() && key.timeCode < keys_.back().timeCode))
        {
            return invalid("emotion keys must come in the order of their times");
        }
        for (const float value : key.values)
        {
            if (!(value >= 0.0F && value <= 1.0F))
            {
                return invalid("an emotion must be 0 to 1");
            }
        }
        if (keys_.size() == kMaxKeys)
        {
            return makeError(ErrorCode::Full, "more than " + std::to_string(kMaxKeys) + " emotion keys");
        }
        keys_.push_back(key);
        return {};
    }

    Status endAudio() override
    {
        if (analyser_ && !ended_)
        {
            analyser_->flush();
        }
        ended_ = true;
        return {};
    }

    std::size_t poll(IFrameSink& sink, std::size_t maxFrames) override
    {
        if (state_ >= SourceState::Ended || (!analyser_ && !ended_))
        {
            return 0;
        }
        if (state_ == SourceState::Opening)
        {
            begin(sink);
        }
        std::size_t frames = 0;
        while (frames < maxFrames && state_ == SourceState::Streaming && isReady(nextSample()))
        {
            hand(sink);
            ++frames;
        }
        if (ended_ && (!analyser_ || nextSample() >= analyser_->samples()))
        {
            end(SourceState::Ended);
        }
        return frames;
    }

    void cancel() override { end(SourceState::Cancelled); }
    SourceState state() const override { return state_; }
    Error error() const override { return {}; }

private:
    static float monoAt(const AudioBlock& block, std::size_t first)
    {
        float sum = 0.0F;
        const auto channels = static_cast<std::size_t>(block.channels);
        for (std::size_t i = first; i < first + channels; ++i)
        {
            sum += block.pcm16.empty() ? block.floats[i] : static_cast<float>(block.pcm16[i]) / 32768.0F;
        }
        return sum / static_cast<float>(channels);
    }

    std::int64_t nextSample() const { return options_.frameRate.sampleOf(nextFrame_, sampleRate_); }

    bool isReady(std::int64_t sample) const
    {
        const std::int64_t have = analyser_ ? analyser_->samples() : 0;
        const auto ahead = static_cast<std::int64_t>(options_.lookAhead * sampleRate_);
        return ended_ ? sample < have : sample + ahead < have;
    }

    void begin(IFrameSink& sink)
    {
        StreamFormat format;
        format.names.assign(faceNames().begin(), faceNames().end());
        format.convention = Convention::A2F;
        format.frameRate = options_.frameRate;
        format.sampleRate = sampleRate_;
        SourceState opening = SourceState::Opening;
        state_.compare_exchange_strong(opening, SourceState::Streaming);
        sink.onFormat(format);
    }

    void hand(IFrameSink& sink)
    {
        const std::int64_t sample = nextSample();
        const double time = options_.frameRate.timeOf(nextFrame_);
        const std::array<float, kEmotionCount> felt = emotionsAt(time);
        const float syllable = wander(time, kSyllables, options_.seed);
        poseSpeech(analyser_->at(sample), syllable, felt, static_cast<float>(options_.strength), weights_);
        ++nextFrame_;
        sink.onFrame({sample, time, weights_, felt});
    }

    /// Emotions at a time: linear between keys, those of the first and the last key beyond them, none without keys.
    std::array<float, kEmotionCount> emotionsAt(double time)
    {
        std::array<float, kEmotionCount> values{};
        while (key_ + 1 < keys_.size() && keys_[key_ + 1].timeCode <= time)
        {
            ++key_;
        }
        if (keys_.empty())
        {
            return values;
        }
        const EmotionKey& a = keys_[key_];
        const EmotionKey& b = keys_[key_ + 1 < keys_.size() ? key_ + 1 : key_];
        const double length = b.timeCode - a.timeCode;
        const double share = length > 0.0 ? (time - a.timeCode) / length : 0.0;
        const auto part = static_cast<float>(share < 0.0 ? 0.0 : share);
        for (std::size_t i = 0; i < kEmotionCount; ++i)
        {
            values[i] = a.values[i] + (b.values[i] - a.values[i]) * part;
        }
        return values;
    }

    /// Goes to a final state, if it is not in one.
    void end(SourceState state)
    {
        SourceState before = state_;
        while (before < SourceState::Ended && !state_.compare_exchange_weak(before, state))
        {
        }
    }

    const MockOptions options_;
    std::atomic<SourceState> state_{SourceState::Opening};
    std::optional<SpeechAnalyser> analyser_;
    std::int32_t sampleRate_ = 16000;
    bool ended_ = false;
    std::int64_t nextFrame_ = 0;
    std::vector<EmotionKey> keys_;
    std::size_t key_ = 0;
    std::array<float, kFaceCount> weights_{};
};

} // namespace

Result<std::unique_ptr<IFrameSource>> makeMockSource(const MockOptions& options)
{
    const auto within = [](double x, double low, double high) { return x >= low && x <= high; };
    if (!options.frameRate.valid())
    {
        return invalid("the frame rate must be above 0 and at most 1000");
    }
    if (!within(options.strength, 0.0, 2.0) || !within(options.lookAhead, 0.0, 1.0) ||
        !within(options.maxSeconds, 1.0, 3600.0))
    {
        return invalid("strength must be 0 to 2, lookAhead 0 to 1 and maxSeconds 1 to 3600");
    }
    return std::unique_ptr<IFrameSource>(std::make_unique<MockSource>(options));
}

} // namespace a2fbridge
