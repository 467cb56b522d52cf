// The playback clock: devices that report in blocks, late, with drift, with jumps, or not at all.
#include <cmath>
#include <random>

#include <doctest/doctest.h>

#include "A2FBridge/PlaybackClock.h"

using namespace a2fbridge;

namespace
{

constexpr double kRate = 16000.0;
constexpr double kTick = 1.0 / 60.0;

/// An audio device with a clock of its own that says where it is in blocks, sometimes late.
struct Device
{
    double ppm = 0.0;
    double block = 512.0;
    double noise = 0.0;

    double heard(double wall) const { return wall * kRate * (1.0 + ppm * 1e-6); }
    double says(double wall, std::mt19937& random) const
    {
        std::uniform_real_distribution<double> late(0.0, noise);
        return std::floor(heard(wall - late(random)) / block) * block;
    }
};

} // namespace

TEST_CASE("A2FBridge.Clock.WithoutADeviceItIsTheWallClock")
{
    PlaybackClock clock;
    clock.start(10.0, 100.0);
    CHECK(clock.position(11.0) == doctest::Approx(16100.0));
    clock.pause(11.0);
    CHECK(clock.position(20.0) == doctest::Approx(16100.0));
    clock.resume(20.0);
    CHECK(clock.position(21.0) == doctest::Approx(32100.0));
    clock.setSpeed(21.0, 0.5);
    CHECK(clock.position(22.0) == doctest::Approx(40100.0));
    clock.seek(22.0, 0.0);
    CHECK(clock.position(22.0) == doctest::Approx(0.0));
    CHECK(clock.position(21.0) == doctest::Approx(0.0)); // wall time does not go back
}

TEST_CASE("A2FBridge.Clock.FollowsADriftingDeviceWithoutJumps")
{
    for (const double ppm : {-200.0, 0.0, 200.0})
    {
        CAPTURE(ppm);
        std::mt19937 random(3);
        const Device device{ppm, 512.0, 0.005};
        PlaybackClock clock;
        clock.start(0.0, 0.0);
        double last = 0.0;
        double worst = 0.0;
        double slowest = 1e9;
        double fastest = 0.0;
        double drift = 0.0;
        int counted = 0;
        for (int i = 1; i <= 60 * 300; ++i)
        {
            const double wall = i * kTick;
            clock.report(wall, device.says(wall, random));
            const double position = clock.position(wall);
            if (wall > 5.0)
            {
                const double speed = (position - last) / (kTick * kRate);
                slowest = std::min(slowest, speed);
                fastest = std::max(fastest, speed);
                worst = std::max(worst, std::abs(position - device.heard(wall)) / kRate);
            }
            if (wall > 120.0)
            {
                drift += clock.driftPpm();
                ++counted;
            }
            last = position;
        }
        CHECK(clock.resyncs() == 0);
        CHECK(worst < 0.030); // a block of 32 ms is late by 16 ms on average
        CHECK(slowest > 0.9);
        CHECK(fastest < 1.1);
        CHECK(drift / counted == doctest::Approx(ppm).epsilon(0.05).scale(1000.0));
    }
}

TEST_CASE("A2FBridge.Clock.WaitsForTheDeviceToMove")
{
    PlaybackClock clock;
    clock.start(0.0, -800.0);
    for (int i = 0; i < 60; ++i)
    {
        clock.report(i * kTick, -800.0);
    }
    CHECK(clock.stalled());
    CHECK(clock.position(1.0) == doctest::Approx(-800.0));
    clock.report(1.1, 0.0);
    CHECK_FALSE(clock.stalled());
    CHECK(clock.position(1.1) == doctest::Approx(0.0));
    CHECK(clock.position(1.2) == doctest::Approx(1600.0));
}

TEST_CASE("A2FBridge.Clock.StopsWithADeviceThatStops")
{
    PlaybackClock clock;
    clock.start(0.0, 0.0);
    clock.report(0.0, 0.0);
    clock.report(0.1, 1600.0);
    for (int i = 0; i < 120; ++i)
    {
        clock.report(0.1 + i * kTick, 1600.0);
    }
    CHECK(clock.stalled());
    CHECK(clock.position(3.0) < 1600.0 + 0.35 * kRate);
    clock.report(3.1, 3200.0);
    CHECK(clock.position(3.1) == doctest::Approx(3200.0));
    CHECK(clock.resyncs() <= 1);
}

TEST_CASE("A2FBridge.Clock.ASingleWrongReportDoesNothingAJumpIsFollowed")
{
    PlaybackClock clock;
    clock.start(0.0, 0.0);
    double wall = 0.0;
    for (; wall < 2.0; wall += kTick)
    {
        clock.report(wall, wall * kRate);
    }
    const double before = clock.position(wall);
    clock.report(wall, 900000.0);
    CHECK(clock.position(wall) == doctest::Approx(before));
    clock.report(wall + kTick, 3.0);
    CHECK(clock.position(wall + kTick) == doctest::Approx(before + kTick * kRate).epsilon(0.01));
    CHECK(clock.resyncs() == 0);
    for (int i = 2; i < 10; ++i)
    {
        clock.report(wall + i * kTick, 500000.0 + i * kTick * kRate);
    }
    CHECK(clock.resyncs() == 1);
    CHECK(clock.position(wall + 9 * kTick) == doctest::Approx(500000.0 + 9 * kTick * kRate));
}

TEST_CASE("A2FBridge.Clock.GarbageFromADeviceIsIgnored")
{
    PlaybackClock clock;
    clock.start(0.0, 0.0);
    clock.report(0.0, 0.0);
    clock.report(0.1, 1600.0);
    clock.report(0.2, std::nan(""));
    clock.report(0.2, HUGE_VAL);
    CHECK(clock.position(0.2) == doctest::Approx(3200.0));
}

TEST_CASE("A2FBridge.Drift.IsEstimatedAndCorrected")
{
    for (const double ppm : {-200.0, 200.0})
    {
        CAPTURE(ppm);
        std::mt19937 random(5);
        std::uniform_real_distribution<double> jitter(0.0, 0.03);
        DriftEstimator drift(0.1);
        double lead = 0.15;
        double least = 1.0;
        double most = 0.0;
        for (int i = 0; i < 60 * 1800; ++i)
        {
            lead += kTick * (ppm * 1e-6 - drift.trim());
            drift.observe(i * kTick, lead - jitter(random), drift.trim());
            least = std::min(least, lead);
            most = std::max(most, lead);
            CHECK(std::abs(drift.trim()) <= 0.005);
        }
        CHECK(least > 0.08);
        CHECK(most < 0.17);
        CHECK(drift.trim() == doctest::Approx(ppm * 1e-6).epsilon(0.05).scale(0.001));
        CHECK(drift.driftPpm() == doctest::Approx(ppm).epsilon(0.1).scale(1000.0));
    }
}

TEST_CASE("A2FBridge.Drift.AStreamSentAheadOfTimeIsNotDrift")
{
    DriftEstimator drift(0.1);
    for (int i = 0; i < 6000; ++i)
    {
        drift.observe(i * kTick, 20.0, drift.trim());
    }
    CHECK(drift.trim() == 0.0);
}
