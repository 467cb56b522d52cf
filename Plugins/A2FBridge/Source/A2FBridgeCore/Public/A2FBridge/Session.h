// A source and a player joined: pump on one thread, evaluate on another.
#pragma once

#include <cstddef>
#include <memory>

#include "A2FBridge/Export.h"
#include "A2FBridge/FrameSource.h"
#include "A2FBridge/Player.h"
#include "A2FBridge/Recording.h"

namespace a2fbridge
{

/// Writes everything that it is given into a recorded session. Begins the file with the format.
class A2FBRIDGECORE_API SessionRecorder final : public IFrameSink
{
public:
    /// The sink must outlive the recorder.
    explicit SessionRecorder(IByteSink& sink, RecordingInfo info = {});
    ~SessionRecorder() override;

    void onFormat(const StreamFormat& format) override;
    void onFrame(const FrameView& frame) override;
    void onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples) override;
    void onEvent(std::int64_t sampleIndex, std::string_view kind, std::string_view json) override;
    /// Writes the end event. Returns the first error of all calls.
    Status close();
    /// The first error; recording stopped there.
    const Status& status() const { return status_; }

private:
    template <class Call>
    void attempt(Call call);

    IByteSink& sink_;
    RecordingInfo info_;
    std::unique_ptr<RecordingWriter> writer_;
    Status status_;
};

/// Carries what a source yields into a player, and to a tap if there is one.
///
/// Threads: pump and seek belong to the player's writer thread; the player's reader calls go to player() directly.
class A2FBRIDGECORE_API Session
{
public:
    /// The player must outlive the session; a face that speaks several times keeps its player.
    Session(std::unique_ptr<IFrameSource> source, Player& player);
    /// Cancels the source if it has not ended.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Moves what has come, as far as the player has room; returns how many frames it were. Never blocks. When the
    /// source ends, fails or is cancelled, the player is told that no more frames come, and the face comes to rest.
    std::size_t pump(std::size_t maxFrames = 256);
    /// Goes to a sample: drops the player's frames and seeks the source. Call the player's seek as well. Error: that of
    /// the source (Unsupported for live streams; nothing is dropped then).
    Status seek(std::int64_t sampleIndex);
    /// Also hands everything to `sink` (a recorder, an audio queue); null: to none. It must outlive the session or be
    /// taken away. One at a time.
    void setTap(IFrameSink* sink);

    IFrameSource& source() { return *source_; }
    Player& player() { return player_; }
    /// The source's state; Failed also when the player could not take the stream.
    SourceState state() const;
    Error error() const;
    /// Whether the source is in a final state and all that it gave is in the player.
    bool done() const { return done_; }

private:
    class Carrier;
    std::unique_ptr<IFrameSource> source_;
    Player& player_;
    std::unique_ptr<Carrier> carrier_;
    bool done_ = false;
};

} // namespace a2fbridge
