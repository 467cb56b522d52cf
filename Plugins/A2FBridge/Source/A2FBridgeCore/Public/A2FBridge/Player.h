// Clock, jitter buffer and mapping in one: frames go in on one thread, curves for "now" come out on another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "A2FBridge/Export.h"
#include "A2FBridge/Frame.h"
#include "A2FBridge/MappingTable.h"
#include "A2FBridge/PlaybackClock.h"
#include "A2FBridge/Result.h"
#include "A2FBridge/WeightGuard.h"

namespace a2fbridge
{

/// Times in seconds. What lies outside a range is moved to its end.
struct PlayerOptions
{
    double fillSeconds = 0.1; ///< Playback may start when frames reach this far ahead. 0 to 10.
    double capacitySeconds =
        30.0;                    ///< Room of the jitter buffer, at the stream's frame rate. 1 to 3600; 256 MiB at most.
    double historySeconds = 5.0; ///< What has been played is kept so long, for seeking back. 0 to half of the capacity.
    double holdSeconds = 0.15;   ///< Underrun: how long the newest frame is held. 0 to 5.
    double easeSeconds = 0.25;   ///< Underrun: how long the face then takes to come to rest. 0.01 to 5.
    double restSeconds = 0.2;    ///< End: how long the face takes to come to rest after the last frame. 0.01 to 0.25.
    double recoverSeconds =
        0.08;                 ///< Time to blend into frames that come back, that come late, or after a seek. 0 to 1.
    bool interpolate = true;  ///< Linear between frames; false: the frame at or before the position.
    bool correctDrift = true; ///< Without a device: follow the sender's clock by up to 0.5 %.
    float weightLow = -4.0F;  ///< Weights below are clamped and counted.
    float weightHigh = 4.0F;  ///< Weights above are clamped and counted.
    ClockOptions clock;       ///< sampleRate is taken from the stream.
};

/// What the reader knows at a moment.
struct Playhead
{
    /// Seconds of a monotonic clock, the same for all calls of a player.
    double wallSeconds = 0.0;
    /// Sample index being heard now, if an audio device plays: samples it has consumed, minus its output latency, plus
    /// the user's offset, counted at the stream's sample rate. May be negative before the first is heard.
    std::optional<double> devicePosition;
};

enum class PlayerState : std::uint8_t
{
    Waiting,   ///< No stream, or none of its frames yet. At rest.
    Filling,   ///< Frames come; not enough to start. At rest.
    Playing,   ///< The frames of the position are there.
    Holding,   ///< Underrun: the newest frame is held.
    Easing,    ///< Underrun went on: on the way to rest, or there.
    Finishing, ///< After the last frame: on the way to rest.
    Finished   ///< At rest; nothing more comes.
};

/// Returns the state's name in lower case. Never null.
A2FBRIDGECORE_API const char* playerStateName(PlayerState state);

/// What a face shows at a moment. Owned by the player; valid until the next evaluate.
struct PlayerOutput
{
    PlayerState state = PlayerState::Waiting;
    bool paused = false;
    double position = 0.0;      ///< Samples of the stream.
    double activity = 0.0;      ///< 0 at rest, 1 while frames act, between while easing or blending: an alpha.
    std::uint64_t revision = 0; ///< Changes when the names below do (new stream or table).
    Span<float> values;         ///< One per name: mapped curves; without a table the weights themselves.
    const std::vector<std::string>* names = nullptr; ///< Never null after evaluate.
    Span<float> weights;                             ///< Before the mapping (after guard, interpolation and easing).
    const std::vector<std::string>* weightNames = nullptr; ///< Never null after evaluate.
    Span<float> emotions;                                  ///< kEmotionCount values; NaN: unknown.
};

/// Counters since the last begin. Plain copy.
struct PlayerStats
{
    std::uint64_t framesPushed = 0;
    std::uint64_t framesEvicted = 0;
    std::uint64_t framesReplaced = 0;
    std::uint64_t framesRefused = 0; ///< Wrong weight count, or too late for a full buffer.
    std::size_t framesBuffered = 0;
    double leadSeconds = 0.0; ///< How far the newest frame is ahead of the position.
    std::uint64_t underruns = 0;
    double underrunSeconds = 0.0; ///< Wall time spent without frames.
    std::uint64_t clockResyncs = 0;
    double deviceDriftPpm = 0.0;    ///< Audio device against wall clock.
    double senderDriftPpm = 0.0;    ///< Sender of the frames against playback.
    double clockErrorSeconds = 0.0; ///< Device minus clock at the last report.
    WeightReport weights;
};

/// Plays streams on one face, one after the other.
///
/// Threads: begin, push, finish, restart belong to one thread at a time (the *writer*); evaluate, pause, resume, seek,
/// setSpeed, releaseDevice to another or the same (the *reader*); setTable, ready, room and stats may be called by any.
/// No call blocks for longer than it takes another to copy one frame. push and evaluate do not allocate once a stream
/// has begun (evaluate not even then: what it needs is made by begin and setTable); memory of replaced tables and
/// streams is freed by the writer's or setTable's thread, never by the reader's.
class A2FBRIDGECORE_API Player
{
public:
    explicit Player(const PlayerOptions& options = {});
    ~Player();
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    // --- writer

    /// Begins a stream; what was playing blends into it. Errors: InvalidArgument (format; a table of the other
    /// convention, unless one of a2f and arkit can be converted: then frames are converted).
    Status begin(const StreamFormat& format);
    /// Takes a frame in; weights are checked here. Errors: WrongState (no begin, or after finish), Full (come again
    /// later), OutOfOrder (too late), InvalidArgument (wrong count; counted).
    Status push(const FrameView& frame);
    /// No more frames come; the face comes to rest after the last one.
    void finish();
    /// Drops all frames and takes new ones from any place, after the source was sought. Undoes finish.
    void restart();

    // --- any thread

    /// Replaces the mapping table, also while playing; null: weights come out as they are. Errors: as begin.
    Status setTable(std::shared_ptr<const MappingTable> table);
    /// Whether playback may start: frames reach fillSeconds ahead, or all are there. Then start the sound.
    bool ready() const;
    /// How many frames push takes for certain now, unless the reader seeks back meanwhile (then push says Full).
    std::size_t room() const;
    PlayerStats stats() const;

    // --- reader

    /// Returns what the face shows now. Without devicePosition playback begins by itself when ready, runs by the wall
    /// clock and waits for frames that are late; with it, the position is what is heard, whatever has come.
    const PlayerOutput& evaluate(const Playhead& now);
    /// Stops at the position reached and keeps the face as it is.
    void pause(double wallSeconds);
    void resume(double wallSeconds);
    /// Goes to a sample, back or ahead. Frames still held play at once; for others the source must be sought, too.
    /// Returns whether the frames of that place are held.
    bool seek(double wallSeconds, double position);
    /// Speed of play (pitch, time dilation). 0 to 16, default 1.
    void setSpeed(double wallSeconds, double speed);
    /// The device's sound is over or stopped: the wall clock goes on alone, so that the face comes to rest.
    void releaseDevice();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace a2fbridge
