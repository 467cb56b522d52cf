#include "A2FBridge/Session.h"

#include <mutex>
#include <utility>

namespace a2fbridge
{

// --- recorder

SessionRecorder::SessionRecorder(IByteSink& sink, RecordingInfo info) : sink_(sink), info_(std::move(info)) {}
SessionRecorder::~SessionRecorder() = default;

template <class Call>
void SessionRecorder::attempt(Call call)
{
    if (writer_ && status_)
    {
        status_ = call(*writer_);
    }
}

void SessionRecorder::onFormat(const StreamFormat& format)
{
    if (!writer_ && status_)
    {
        auto writer = RecordingWriter::create(sink_, format, info_);
        if (writer)
        {
            writer_ = std::move(writer).value();
        }
        else
        {
            status_ = writer.error();
        }
    }
}

void SessionRecorder::onFrame(const FrameView& frame)
{
    attempt([&](RecordingWriter& writer) { return writer.writeFrame(frame); });
}

void SessionRecorder::onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples)
{
    attempt([&](RecordingWriter& writer) { return writer.writeAudio(sampleIndex, samples); });
}

void SessionRecorder::onEvent(std::int64_t sampleIndex, std::string_view kind, std::string_view json)
{
    if (kind != "end") // close writes it
    {
        attempt([&](RecordingWriter& writer) { return writer.writeEvent(sampleIndex, json); });
    }
}

Status SessionRecorder::close()
{
    attempt([](RecordingWriter& writer) { return writer.close(); });
    return status_;
}

// --- session

/// Takes what the source yields on its way to the player.
class Session::Carrier final : public IFrameSink
{
public:
    explicit Carrier(Player& player) : player_(player) {}

    void onFormat(const StreamFormat& format) override
    {
        keep(player_.begin(format));
        forward([&](IFrameSink& tap) { tap.onFormat(format); });
    }

    void onFrame(const FrameView& frame) override
    {
        // A frame that is refused is counted by the player and does not end the stream.
        static_cast<void>(player_.push(frame));
        forward([&](IFrameSink& tap) { tap.onFrame(frame); });
    }

    void onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples) override
    {
        forward([&](IFrameSink& tap) { tap.onAudio(sampleIndex, samples); });
    }

    void onEvent(std::int64_t sampleIndex, std::string_view kind, std::string_view json) override
    {
        forward([&](IFrameSink& tap) { tap.onEvent(sampleIndex, kind, json); });
    }

    void setTap(IFrameSink* tap) { tap_ = tap; }

    Status status() const
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        return status_;
    }

private:
    void keep(const Status& status)
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        status_ = status;
    }

    template <class Call>
    void forward(Call call)
    {
        if (tap_ != nullptr)
        {
            call(*tap_);
        }
    }

    Player& player_;
    IFrameSink* tap_ = nullptr;
    mutable std::mutex mutex_;
    Status status_;
};

namespace
{

bool isFinal(SourceState state)
{
    return state >= SourceState::Ended;
}

} // namespace

Session::Session(std::unique_ptr<IFrameSource> source, Player& player)
    : source_(std::move(source)), player_(player), carrier_(std::make_unique<Carrier>(player))
{
}

Session::~Session()
{
    source_->cancel();
}

std::size_t Session::pump(std::size_t maxFrames)
{
    if (done_)
    {
        return 0;
    }
    // Before the format is known the player has no room to speak of; the source may hand out the format alone.
    const bool begun = source_->state() != SourceState::Opening;
    const std::size_t room = begun ? player_.room() : 0;
    const std::size_t frames = source_->poll(*carrier_, room < maxFrames ? room : maxFrames);
    if (!carrier_->status())
    {
        source_->cancel();
    }
    if (isFinal(source_->state()))
    {
        player_.finish();
        done_ = true;
    }
    return frames;
}

Status Session::seek(std::int64_t sampleIndex)
{
    if (Status sought = source_->seek(sampleIndex); !sought)
    {
        return sought;
    }
    player_.restart();
    done_ = false;
    return {};
}

void Session::setTap(IFrameSink* sink)
{
    carrier_->setTap(sink);
}

SourceState Session::state() const
{
    return carrier_->status() ? source_->state() : SourceState::Failed;
}

Error Session::error() const
{
    const Status carried = carrier_->status();
    return carried ? source_->error() : carried.error();
}

} // namespace a2fbridge
