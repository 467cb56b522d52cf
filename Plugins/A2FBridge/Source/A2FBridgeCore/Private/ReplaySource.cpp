#include <atomic>
#include <utility>

#include "A2FBridge/Sources.h"

namespace a2fbridge
{
namespace
{

class ReplaySource final : public IFrameSource
{
public:
    explicit ReplaySource(std::shared_ptr<const Recording> recording)
        : recording_(std::move(recording)), weights_(recording_->format().names.size())
    {
    }

    Status pushAudio(const AudioBlock&) override { return {}; }
    Status endAudio() override { return {}; }
    void cancel() override { end(SourceState::Cancelled); }
    SourceState state() const override { return state_; }
    Error error() const override { return {}; }

    std::size_t poll(IFrameSink& sink, std::size_t maxFrames) override
    {
        if (state_ == SourceState::Opening)
        {
            SourceState opening = SourceState::Opening;
            state_.compare_exchange_strong(opening, SourceState::Streaming);
            sink.onFormat(recording_->format());
        }
        std::size_t frames = 0;
        const Span<RecordView> records = recording_->records();
        while (state_ == SourceState::Streaming && next_ < records.size())
        {
            const RecordView& record = records[next_];
            if (record.type == RecordView::Type::Frame && frames == maxFrames)
            {
                return frames;
            }
            frames += record.type == RecordView::Type::Frame ? 1 : 0;
            ++next_;
            hand(record, sink);
        }
        if (next_ >= records.size())
        {
            end(SourceState::Ended);
        }
        return frames;
    }

    Status seek(std::int64_t sampleIndex) override
    {
        if (state_ == SourceState::Cancelled)
        {
            return makeError(ErrorCode::WrongState, "the replay was cancelled");
        }
        next_ = recording_->recordAt(sampleIndex);
        SourceState ended = SourceState::Ended;
        state_.compare_exchange_strong(ended, SourceState::Streaming);
        return {};
    }

private:
    void hand(const RecordView& record, IFrameSink& sink)
    {
        switch (record.type)
        {
        case RecordView::Type::Frame:
        {
            recording_->decodeFrame(record, weights_.data(), emotions_.data());
            sink.onFrame({record.sampleIndex, record.timeCode, weights_, emotions_});
            break;
        }
        case RecordView::Type::Audio:
        {
            const std::size_t count = recording_->decodeAudio(record, samples_);
            sink.onAudio(record.sampleIndex, Span<std::int16_t>(samples_).part(0, count));
            break;
        }
        case RecordView::Type::Event:
            sink.onEvent(record.sampleIndex, recording_->eventKind(record), record.json);
            break;
        }
    }

    /// Goes to a final state, if it is not in one.
    void end(SourceState state)
    {
        SourceState before = state_;
        while (before < SourceState::Ended && !state_.compare_exchange_weak(before, state))
        {
        }
    }

    std::shared_ptr<const Recording> recording_;
    std::vector<float> weights_;
    std::array<float, kEmotionCount> emotions_{};
    std::vector<std::int16_t> samples_;
    std::size_t next_ = 0;
    std::atomic<SourceState> state_{SourceState::Opening};
};

} // namespace

std::unique_ptr<IFrameSource> makeReplaySource(std::shared_ptr<const Recording> recording)
{
    return std::make_unique<ReplaySource>(std::move(recording));
}

} // namespace a2fbridge
