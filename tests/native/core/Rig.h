// A sender, a listener and a face in simulated time: what the player's tests play with.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "A2FBridge/Player.h"

namespace a2fbridge::test
{

constexpr double kPi = 3.14159265358979323846;
constexpr std::int32_t kRate = 16000;

inline StreamFormat rigFormat(FrameRate rate = {60, 1})
{
    StreamFormat format;
    format.names = {"JawOpen", "MouthClose", "MouthFunnel"};
    format.frameRate = rate;
    format.sampleRate = kRate;
    return format;
}

/// What a face should show at a time of the sound: a wave like speech, a constant, and the time itself in 1000 s.
inline std::vector<float> speechAt(double seconds)
{
    return {static_cast<float>(0.5 + 0.5 * std::sin(2.0 * kPi * 1.7 * seconds)), 1.0F,
            static_cast<float>(seconds / 1000.0)};
}

/// Where in the sound the face is, by what it shows.
inline double shownSeconds(const PlayerOutput& output)
{
    return static_cast<double>(output.weights[2]) * 1000.0;
}

/// Sends frames of a stream as a network would: at its own clock's pace, late by a random time, some not at all.
struct Sender
{
    FrameRate rate{60, 1};
    double startWall = 0.0; ///< Wall time at which frame 0 is sent.
    double ppm = 0.0;       ///< How much faster than the wall clock it sends.
    double jitter = 0.0;    ///< Seconds that a frame may be late; order is kept.
    double loss = 0.0;      ///< Share of frames that never come.
    std::int64_t count = 0; ///< Frames; then the end.
    std::mt19937 random{1};

    std::int64_t next = 0;
    double due = -1.0;
    bool finished = false;

    void send(Player& player, double wall)
    {
        std::uniform_real_distribution<double> share(0.0, 1.0);
        while (next < count)
        {
            if (due < 0.0)
            {
                const double paced = startWall + rate.timeOf(next) / (1.0 + ppm * 1e-6);
                due = std::max(lastSent, paced + jitter * share(random));
            }
            if (due > wall)
            {
                return;
            }
            lastSent = due;
            due = -1.0;
            if (share(random) >= loss)
            {
                static_cast<void>(push(player, next));
            }
            ++next;
        }
        if (!finished)
        {
            finished = true;
            player.finish();
        }
    }

    Status push(Player& player, std::int64_t frame) const
    {
        const std::vector<float> weights = speechAt(rate.timeOf(frame));
        FrameView view;
        view.sampleIndex = rate.sampleOf(frame, kRate);
        view.timeCode = rate.timeOf(frame);
        view.weights = weights;
        return player.push(view);
    }

    double lastSent = 0.0;
};

/// Follows what is shown from tick to tick.
struct Watch
{
    double largestStep = 0.0;
    std::vector<float> last;
    double lastPosition = -1e300;
    bool wentBack = false;

    void see(const PlayerOutput& output)
    {
        for (std::size_t i = 0; i < last.size(); ++i)
        {
            largestStep = std::max(largestStep, static_cast<double>(std::abs(output.weights[i] - last[i])));
        }
        last.assign(output.weights.begin(), output.weights.end());
        wentBack = wentBack || output.position < lastPosition;
        lastPosition = output.position;
    }
};

} // namespace a2fbridge::test
