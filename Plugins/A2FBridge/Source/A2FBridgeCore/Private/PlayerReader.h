// The reader's half of a player: from a moment to what the face shows.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "A2FBridge/Player.h"
#include "PlayerStream.h"

namespace a2fbridge
{

/// Numbers that the reader writes and any thread may read.
struct PlayerGauges
{
    std::atomic<bool> started{false};
    std::atomic<double> position{0.0};
    std::atomic<std::uint64_t> underruns{0};
    std::atomic<double> underrunSeconds{0.0};
    std::atomic<std::uint64_t> resyncs{0};
    std::atomic<double> deviceDriftPpm{0.0};
    std::atomic<double> senderDriftPpm{0.0};
    std::atomic<double> clockError{0.0};
};

/// Whether playback may start at a position: frames reach that far ahead, or no more come.
bool isFilled(const BufferRange& range, double position, double fillSamples);

/// One thread; no allocation.
class PlayerReader
{
public:
    PlayerReader(const PlayerOptions& options, PlayerGauges& gauges);

    /// Goes over to another stream or table; the face goes on from what it shows.
    void bind(std::shared_ptr<PlayerBinding> binding);
    std::shared_ptr<PlayerBinding>& binding() { return binding_; }
    const PlayerOutput& evaluate(const Playhead& now);
    void pause(double wallSeconds);
    void resume(double wallSeconds);
    bool seek(double wallSeconds, double position);
    void setSpeed(double wallSeconds, double speed);
    void releaseDevice();

private:
    /// What the frames ask for at a moment.
    struct Target
    {
        PlayerState state = PlayerState::Waiting;
        double level = 0.0;   ///< Share of the frame in `fresh`; the rest is rest.
        bool missing = false; ///< Frames of the position are not there (and may still come).
    };

    void beginStream();
    bool hearsDevice(const Playhead& now);
    bool blends() const { return time_ - blendStart_ < blendSeconds_; }
    void tick(double wallSeconds);
    void runClock(const Playhead& now, const BufferRange& range);
    void startByWall(double wallSeconds, const BufferRange& range);
    void keepWallClock(double reached, const BufferRange& range);
    void followSender(double wallSeconds, const BufferRange& range);
    Target look(const BufferRange& range);
    Target lookAfterLast(const BufferRange& range);
    Target lookMissing();
    void beginEnd(const BufferRange& range);
    void countUnderrun(const Target& target);
    void blendFromHere(double seconds);
    void show(const Target& target);
    void map();
    const PlayerOutput& report();
    double seconds(double samples) const { return samples / sampleRate_; }

    const PlayerOptions options_;
    PlayerGauges& gauges_;
    std::shared_ptr<PlayerBinding> binding_;
    PlayerOutput output_;

    PlaybackClock clock_;
    DriftEstimator drift_;
    double sampleRate_ = 16000.0;
    bool started_ = false;          ///< The clock of this stream runs (or is paused).
    bool byDevice_ = false;         ///< A device has said where it is.
    double device_ = 0.0;           ///< What it said last.
    std::optional<double> ignored_; ///< Where it stood when it was released.
    bool paused_ = false;
    bool scrubbed_ = false; ///< Sought while paused: the face shows that place.
    bool waits_ = false;    ///< By the wall clock: stopped until late frames are there.
    double speed_ = 1.0;
    double position_ = 0.0;
    std::optional<double> startAt_;
    std::uint64_t resyncsSeen_ = 0;

    double wall_ = 0.0;
    bool ticked_ = false;
    double time_ = 0.0; ///< Wall time that has passed while not paused: all durations are counted on it.
    double step_ = 0.0; ///< What of it has passed since the last evaluate.
    std::optional<double> missingSince_;
    bool underrunCounted_ = false;
    std::optional<double> endSince_;

    double blendStart_ = 0.0;
    double blendSeconds_ = 0.0;
    double blendActivity_ = 0.0;
    PlayerState state_ = PlayerState::Waiting;
    double activity_ = 0.0;
};

} // namespace a2fbridge
