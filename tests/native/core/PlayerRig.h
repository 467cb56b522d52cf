// Helpers of the player's tests: moments, frames, what is shown.
#pragma once

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "Rig.h"

namespace a2fbridge::test
{

constexpr double kTick = 1.0 / 90.0;

inline Playhead at(double wall)
{
    Playhead now;
    now.wallSeconds = wall;
    return now;
}

inline Playhead heard(double wall, double position)
{
    Playhead now = at(wall);
    now.devicePosition = position;
    return now;
}

inline float largest(Span<float> values)
{
    float most = 0.0F;
    for (const float value : values)
    {
        most = std::max(most, std::abs(value));
    }
    return most;
}

inline void pushAll(Player& player, const Sender& sender, std::int64_t from, std::int64_t to)
{
    for (std::int64_t i = from; i < to; ++i)
    {
        REQUIRE(sender.push(player, i).ok());
    }
}

} // namespace a2fbridge::test
