// One utterance on one face: sound in, frames and sound out, together. All the timing of the plugin, and no engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "A2FBridge/FrameSource.h"
#include "A2FBridge/Player.h"
#include "A2FBridge/Recording.h"
#include "A2FBridge/Session.h"

#include "Speech/AudioFeed.h"
#include "Speech/SendQueue.h"
#include "Speech/StreamTap.h"

namespace a2fbridge
{

struct FaceStreamOptions
{
	bool playSound = true;		///< The sound is to be heard: playback follows the device that reads the feed.
	bool keepSound = true;		///< Sound is kept for the feed. Live streams neither keep nor play it.
	double sendPerTick = 2.0;	///< Seconds of sound handed to the source in one update, at most.
	std::optional<double> lead; ///< Sound goes at its own pace, so many seconds ahead; nothing: as fast as the source takes it.
	double progressInterval = 0.1; ///< Seconds between Progress events.
};

/// What happened, in the order in which it did.
enum class FaceEvent : std::uint8_t
{
	Started,		 ///< The stream is open and takes sound.
	FirstFrame,		 ///< The first frame came.
	PlaybackStarted, ///< The face begins to move, and its sound to be heard.
	Progress,		 ///< Some time of playback has passed.
	Underrun,		 ///< Frames are late.
	Recovered,		 ///< They came back.
	Finished,		 ///< Everything was played; the face is at rest.
	Cancelled,		 ///< Cancelled by the caller.
	Failed			 ///< error() says why. The face comes to rest.
};

/// Plays one source on a player. Game thread only. The caller ticks it:
///
///     stream.update(now);
///     if (stream.deviceWanted()) { start a device that reads *stream.feed(); }
///     const PlayerOutput& face = stream.evaluate(now, device ? std::optional(latency) : std::nullopt, offset);
///     for (FaceEvent event : stream.takeEvents()) ...
class FaceStream
{
public:
	/// `player` must outlive the stream; what it was playing blends into this.
	FaceStream(std::unique_ptr<IFrameSource> source, Player& player, const FaceStreamOptions& options = {});
	~FaceStream();
	FaceStream(const FaceStream&) = delete;
	FaceStream& operator=(const FaceStream&) = delete;

	// --- sound in

	/// Adds interleaved sound. The rate is the same for all calls. Errors: InvalidArgument (rate below 4000 or above 144000
	/// Hz, channels other than 1 to 8, another format than before), WrongState (after endSound).
	Status addSound(Span<float> interleaved, std::int32_t channels, std::int32_t sampleRate);
	void endSound();
	Status addEmotion(const EmotionKey& key);
	/// Seconds of sound that wait to be handed to the source: readers of long files stop adding when there is enough.
	double backlogSeconds() const { return queue_.seconds(); }

	// --- recording

	/// Records from now on; what was played before is not in it. Replaces a recording that runs.
	void startRecording(std::unique_ptr<IByteSink> sink, const RecordingInfo& info = {}) { tap_.record(std::move(sink), info); }
	/// Ends the recording; its first error, if there was any.
	Status stopRecording() { return tap_.stopRecording(); }
	bool recording() const { return tap_.recording(); }

	// --- control

	void pause(double wallSeconds);
	void resume(double wallSeconds);
	bool paused() const { return paused_; }
	/// Goes to a time of the sound. Error: Unsupported when neither the source can be sought nor the frames of that time are
	/// held; nothing has changed then.
	Status seek(double wallSeconds, double seconds);
	void setSpeed(double wallSeconds, double speed);
	void cancel();
	/// Gives up because of a mistake outside: Failed follows.
	void fail(const Error& error);

	// --- each tick

	/// Moves sound to the source and frames to the player. Never blocks.
	void update(double wallSeconds);
	/// Whether a device should begin to read the feed now.
	bool deviceWanted() const;
	/// What the face shows now. `latency`: seconds that the device's output lies behind what it has read; nothing when no
	/// device plays. `offset` is added to the position, in seconds.
	const PlayerOutput& evaluate(double wallSeconds, std::optional<double> latency, double offset = 0.0);
	std::vector<FaceEvent> takeEvents();

	// --- what is known

	/// The sound to be heard; null as long as there is none.
	const std::shared_ptr<AudioFeed>& feed() const { return feed_; }
	/// Seconds of sound that have come so far.
	double addedSeconds() const { return soundRate_ > 0 ? static_cast<double>(added_) / soundRate_ : 0.0; }
	/// Seconds played, and seconds there are as far as known (0: live).
	double playedSeconds() const;
	double totalSeconds() const;
	/// Finished, Cancelled or Failed has been told.
	bool over() const { return over_; }
	const Error& error() const { return error_; }
	/// Texts that the server sent along, such as names it did not know.
	const std::vector<std::string>& notes() const { return tap_.notes(); }
	std::int32_t sampleRate() const { return tap_.format() ? tap_.format()->sampleRate : queue_.rate(); }
	const StreamFormat* format() const { return tap_.format(); }

private:
	void send(double wallSeconds);
	double sendBudget(double wallSeconds);
	void feed(Span<float> interleaved, std::int32_t channels);
	void observe();
	void emit(FaceEvent event) { events_.push_back(event); }
	std::optional<double> devicePosition(std::optional<double> latency, double offset);
	void conclude();

	FaceStreamOptions options_;
	Player& player_;
	StreamTap tap_;
	std::unique_ptr<Session> session_;
	std::shared_ptr<AudioFeed> feed_;

	SendQueue queue_;
	std::optional<double> pacedAt_;
	double paced_ = 0.0; ///< Seconds of sound that playback at the stream's speed has had time for since the first was sent.
	double speed_ = 1.0;
	std::int32_t soundRate_ = 0;
	std::int64_t added_ = 0;
	bool soundEnded_ = false;
	bool sourceEnded_ = false;

	std::vector<FaceEvent> events_;
	PlayerState lastState_ = PlayerState::Waiting;
	bool firstFrame_ = false;
	bool started_ = false;
	bool playing_ = false;
	bool deviceUsed_ = false;
	bool deviceReleased_ = false;
	bool paused_ = false;
	bool failed_ = false;
	bool cancelled_ = false;
	bool over_ = false;
	double lastProgress_ = 0.0;
	double position_ = 0.0;
	Error error_;
};

} // namespace a2fbridge
