// The providers that need no server: replay of a recorded session, and the mock.
#pragma once

#include <cstdint>
#include <memory>

#include "A2FBridge/Export.h"
#include "A2FBridge/FrameSource.h"
#include "A2FBridge/Recording.h"

namespace a2fbridge
{

/// Replays a recorded session: frames, sound and events in the order of the file. Can seek. Sound pushed into it is
/// ignored. Ends where the recording does; a recording without an end event ends with its last whole record.
A2FBRIDGECORE_API std::unique_ptr<IFrameSource> makeReplaySource(std::shared_ptr<const Recording> recording);

struct MockOptions
{
    FrameRate frameRate;       ///< Frames per second, default 30.
    double strength = 1.0;     ///< Size of the motion, 0 to 2.
    double lookAhead = 0.1;    ///< Seconds of sound needed beyond a frame before it comes, as a server would. 0 to 1.
    std::uint32_t seed = 1;    ///< Same sound and seed, same frames (within rounding).
    double maxSeconds = 600.0; ///< Sound taken ahead of polling at most; more is Full.
};

/// Makes speech-like motion out of the loudness and brightness of the sound: jaw, lips, tongue, a little brow; and an
/// expression out of emotion keys. No speech recognition and no substitute for a server; it lets a game and its tests
/// run without one. 68 weights, convention a2f, deterministic, at rest in silence. Sample indices count the sound
/// pushed, at its own rate. The format is known with the first sound. Error: InvalidArgument.
A2FBRIDGECORE_API Result<std::unique_ptr<IFrameSource>> makeMockSource(const MockOptions& options = {});

} // namespace a2fbridge
