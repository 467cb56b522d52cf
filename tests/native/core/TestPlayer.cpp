// The player in simulated time: fill, play, underrun, end, pause, seek, drift, devices.
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "Rig.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

namespace
{

constexpr double kTick = 1.0 / 90.0;

Playhead at(double wall)
{
    Playhead now;
    now.wallSeconds = wall;
    return now;
}

Playhead heard(double wall, double position)
{
    Playhead now = at(wall);
    now.devicePosition = position;
    return now;
}

float largest(Span<float> values)
{
    float most = 0.0F;
    for (const float value : values)
    {
        most = std::max(most, std::abs(value));
    }
    return most;
}

void pushAll(Player& player, const Sender& sender, std::int64_t from, std::int64_t to)
{
    for (std::int64_t i = from; i < to; ++i)
    {
        REQUIRE(sender.push(player, i).ok());
    }
}

} // namespace

TEST_CASE("A2FBridge.Player.SaysNothingBeforeAStreamBegins")
{
    Player player;
    const PlayerOutput& output = player.evaluate(at(0.0));
    CHECK(output.state == PlayerState::Waiting);
    CHECK(output.values.empty());
    REQUIRE(output.names != nullptr);
    CHECK(output.names->empty());
    CHECK_FALSE(player.ready());
    CHECK(player.room() == 0);
    FrameView frame;
    CHECK(player.push(frame).error().code == ErrorCode::WrongState);
    player.finish();
    CHECK_FALSE(player.begin(StreamFormat{}).ok());
}

TEST_CASE("A2FBridge.Player.StartsWhenFilledAndShowsTheFrameOfTheMoment")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    CHECK(player.evaluate(at(0.0)).state == PlayerState::Waiting);
    pushAll(player, sender, 0, 6); // 83 ms
    CHECK(player.evaluate(at(0.1)).state == PlayerState::Filling);
    CHECK(largest(player.evaluate(at(0.1)).weights) == 0.0F);
    CHECK_FALSE(player.ready());
    pushAll(player, sender, 6, 60);
    CHECK(player.ready());
    CHECK(player.evaluate(at(5.0)).state == PlayerState::Playing);
    for (double t = 0.0; t < 0.9; t += kTick)
    {
        const PlayerOutput& output = player.evaluate(at(5.0 + t));
        CHECK(output.state == PlayerState::Playing);
        CHECK(output.position == doctest::Approx(t * kRate));
        CHECK(shownSeconds(output) == doctest::Approx(t).epsilon(1e-3));
        CHECK(std::abs(output.weights[0] - speechAt(t)[0]) < 0.01F);
        CHECK(output.activity == 1.0);
    }
}

TEST_CASE("A2FBridge.Player.IsAtRestSoonAfterTheEnd")
{
    for (const double rest : {0.05, 0.2, 0.25, 3.0}) // what is out of range is moved into it
    {
        PlayerOptions options;
        options.restSeconds = rest;
        options.recoverSeconds = 1.0;
        Player player(options);
        REQUIRE(player.begin(rigFormat()).ok());
        const Sender sender;
        pushAll(player, sender, 0, 61);
        player.finish();
        CHECK(sender.push(player, 61).error().code == ErrorCode::WrongState);
        Watch watch;
        for (double t = 0.0; t < 1.25; t += kTick)
        {
            watch.see(player.evaluate(at(t)));
        }
        CHECK(watch.largestStep < (rest < 0.1 ? 0.5 : 0.15));
        const PlayerOutput& output = player.evaluate(at(1.0 + 0.25 + kTick));
        CHECK(output.state == PlayerState::Finished);
        CHECK(largest(output.weights) == 0.0F);
        CHECK(output.activity == 0.0);
    }
}

TEST_CASE("A2FBridge.Player.UnderrunHoldsThenEasesToRestThenGoesOn")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    pushAll(player, sender, 0, 61);
    Watch watch;
    double wall = 0.0;
    for (; wall < 1.0; wall += kTick)
    {
        watch.see(player.evaluate(at(wall)));
    }
    for (; wall < 1.0 + 0.14; wall += kTick)
    {
        watch.see(player.evaluate(at(wall)));
    }
    CHECK(player.evaluate(at(wall)).state == PlayerState::Holding);
    CHECK(player.evaluate(at(wall)).weights[1] == 1.0F);
    float before = 1.0F;
    for (; wall < 1.0 + 0.15 + 0.25 + 0.05; wall += kTick)
    {
        const PlayerOutput& output = player.evaluate(at(wall));
        watch.see(output);
        CHECK(output.weights[1] <= before);
        before = output.weights[1];
    }
    CHECK(player.evaluate(at(wall)).state == PlayerState::Easing);
    CHECK(largest(player.evaluate(at(wall)).weights) == 0.0F);
    CHECK(player.stats().underruns == 1);

    // By the wall clock nothing is skipped: it goes on from where it stopped.
    pushAll(player, sender, 61, 121);
    for (const double resumed = wall; wall < resumed + 0.5; wall += kTick)
    {
        watch.see(player.evaluate(at(wall)));
    }
    const PlayerOutput& output = player.evaluate(at(wall));
    CHECK(output.state == PlayerState::Playing);
    CHECK(shownSeconds(output) == doctest::Approx(1.5).epsilon(0.02));
    CHECK(watch.largestStep < 0.3);
    CHECK_FALSE(watch.wentBack);
    CHECK(player.stats().underruns == 1);
    CHECK(player.stats().underrunSeconds == doctest::Approx(0.45).epsilon(0.1));
}

TEST_CASE("A2FBridge.Player.WithADeviceTheFaceShowsWhatIsHeard")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    pushAll(player, sender, 0, 61);
    Watch watch;
    double wall = 0.0;
    for (; wall < 0.25; wall += kTick) // 0.2 s of latency
    {
        player.evaluate(heard(wall, (wall - 0.2) * kRate));
    }
    for (; wall < 2.0; wall += kTick)
    {
        watch.see(player.evaluate(heard(wall, (wall - 0.2) * kRate)));
    }
    CHECK(player.evaluate(heard(wall, (wall - 0.2) * kRate)).state == PlayerState::Easing);
    // Frames come again; what has been heard meanwhile is not shown late.
    pushAll(player, sender, 61, 240);
    for (; wall < 3.0; wall += kTick)
    {
        watch.see(player.evaluate(heard(wall, (wall - 0.2) * kRate)));
    }
    const PlayerOutput& output = player.evaluate(heard(wall, (wall - 0.2) * kRate));
    CHECK(output.state == PlayerState::Playing);
    CHECK(shownSeconds(output) == doctest::Approx(wall - 0.2).epsilon(0.01));
    CHECK(watch.largestStep < 0.3);
}

TEST_CASE("A2FBridge.Player.FramesThatComeAfterTheSoundBeganBlendIn")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    Sender sender;
    sender.startWall = 0.7;
    sender.ppm = 1e6; // then frames come twice as fast as they are heard
    sender.count = 240;
    Watch watch;
    for (double wall = 0.0; wall < 1.6; wall += kTick)
    {
        if (wall < 0.7)
        {
            CHECK(largest(player.evaluate(heard(wall, wall * kRate)).weights) == 0.0F);
        }
        sender.send(player, wall);
        watch.see(player.evaluate(heard(wall, wall * kRate)));
    }
    const PlayerOutput& output = player.evaluate(heard(1.6, 1.6 * kRate));
    CHECK(output.state == PlayerState::Playing);
    CHECK(shownSeconds(output) == doctest::Approx(1.6).epsilon(0.01));
    CHECK(watch.largestStep < 0.3);
}

TEST_CASE("A2FBridge.Player.ComesToRestWhenTheDeviceStopsJustBeforeTheLastFrame")
{
    for (const bool told : {false, true})
    {
        Player player;
        REQUIRE(player.begin(rigFormat()).ok());
        const Sender sender;
        pushAll(player, sender, 0, 61);
        player.finish();
        double wall = 0.0;
        for (; wall < 0.9; wall += kTick)
        {
            player.evaluate(heard(wall, wall * kRate));
        }
        if (told)
        {
            player.releaseDevice();
        }
        for (; wall < 1.9; wall += kTick)
        {
            player.evaluate(heard(wall, 0.9 * kRate));
        }
        const PlayerOutput& output = player.evaluate(heard(wall, 0.9 * kRate));
        CHECK(output.state == PlayerState::Finished);
        CHECK(largest(output.weights) == 0.0F);
    }
}

TEST_CASE("A2FBridge.Player.JitterAndLossAreCarried")
{
    for (unsigned seed = 1; seed <= 20; ++seed)
    {
        CAPTURE(seed);
        PlayerOptions options;
        options.fillSeconds = 0.15;
        Player player(options);
        REQUIRE(player.begin(rigFormat()).ok());
        Sender sender;
        sender.random.seed(seed);
        sender.jitter = 0.12;
        sender.loss = 0.1;
        sender.count = 60 * 10;
        Watch watch;
        double started = -1.0;
        double worst = 0.0;
        for (double wall = 0.0; wall < 9.5; wall += kTick)
        {
            sender.send(player, wall);
            const PlayerOutput& output = player.evaluate(at(wall));
            if (output.state == PlayerState::Playing)
            {
                watch.see(output);
                started = started < 0.0 ? wall : started;
                const double seconds = output.position / kRate;
                worst = std::max(worst, static_cast<double>(std::abs(output.weights[0] - speechAt(seconds)[0])));
            }
        }
        CHECK(started < 0.6);
        CHECK(player.stats().underruns == 0);
        CHECK_FALSE(watch.wentBack);
        CHECK(watch.largestStep < 0.3);
        CHECK(worst < 0.15); // a gap of a few frames, drawn straight
    }
}

TEST_CASE("A2FBridge.Player.ASenderWithAnotherClockIsFollowed")
{
    for (const double ppm : {-200.0, 200.0})
    {
        for (const bool correct : {true, false})
        {
            CAPTURE(ppm);
            CAPTURE(correct);
            PlayerOptions options;
            options.correctDrift = correct;
            Player player(options);
            REQUIRE(player.begin(rigFormat({30, 1})).ok());
            Sender sender;
            sender.rate = {30, 1};
            sender.ppm = ppm;
            sender.jitter = 0.02;
            sender.count = 30 * 3600;
            Watch watch;
            double fastest = 0.0;
            double slowest = 9.0;
            double last = 0.0;
            for (int i = 0; i < 72 * 1800; ++i)
            {
                const double wall = i / 72.0;
                sender.send(player, wall);
                const PlayerOutput& output = player.evaluate(at(wall));
                if (i > 144)
                {
                    const double speed = (output.position - last) / kRate * 72.0;
                    fastest = std::max(fastest, speed);
                    slowest = std::min(slowest, speed);
                }
                last = output.position;
            }
            const PlayerStats stats = player.stats();
            if (correct)
            {
                CHECK(stats.underruns == 0);
                CHECK(stats.leadSeconds > 0.05);
                CHECK(stats.leadSeconds < 0.2);
                CHECK(fastest < 1.006);
                CHECK(slowest > 0.994);
                CHECK(stats.senderDriftPpm == doctest::Approx(ppm).epsilon(0.3));
            }
            else
            {
                // What it would be otherwise: frames run out, or pile up.
                CHECK((stats.underruns > 0 || stats.leadSeconds > 0.4));
            }
        }
    }
}

TEST_CASE("A2FBridge.Player.PauseKeepsTheFace")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    pushAll(player, sender, 0, 200);
    player.evaluate(at(0.0));
    const float jaw = player.evaluate(at(0.5)).weights[0];
    player.pause(0.5);
    for (double wall = 0.5; wall < 60.0; wall += 0.25)
    {
        const PlayerOutput& output = player.evaluate(at(wall));
        CHECK(output.paused);
        CHECK(output.weights[0] == jaw);
    }
    player.resume(60.0);
    const PlayerOutput& output = player.evaluate(at(60.5));
    CHECK_FALSE(output.paused);
    CHECK(shownSeconds(output) == doctest::Approx(1.0).epsilon(0.01));
}

TEST_CASE("A2FBridge.Player.SeeksBackIntoHistoryAndScrubsWhilePaused")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    pushAll(player, sender, 0, 200);
    double wall = 0.0;
    for (; wall < 2.0; wall += kTick)
    {
        player.evaluate(at(wall));
    }
    CHECK(player.seek(wall, 0.5 * kRate));
    for (const double sought = wall; wall < sought + 0.25; wall += kTick)
    {
        player.evaluate(at(wall));
    }
    CHECK(shownSeconds(player.evaluate(at(wall))) == doctest::Approx(0.75).epsilon(0.03));
    player.pause(wall);
    CHECK(player.seek(wall, 1.5 * kRate));
    CHECK(shownSeconds(player.evaluate(at(wall))) == doctest::Approx(1.5).epsilon(0.01));
    CHECK_FALSE(player.seek(wall, 100.0 * kRate));
}

TEST_CASE("A2FBridge.Player.PlaysAgainAfterTheEnd")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    pushAll(player, sender, 0, 61);
    player.finish();
    double wall = 0.0;
    for (; wall < 2.0; wall += kTick)
    {
        player.evaluate(at(wall));
    }
    CHECK(player.evaluate(at(wall)).state == PlayerState::Finished);
    CHECK(player.seek(wall, 0.0));
    for (const double sought = wall; wall < sought + 0.5; wall += kTick)
    {
        player.evaluate(at(wall));
    }
    CHECK(player.evaluate(at(wall)).state == PlayerState::Playing);
    CHECK(shownSeconds(player.evaluate(at(wall))) == doctest::Approx(0.5).epsilon(0.03));
}

TEST_CASE("A2FBridge.Player.HistoryIsKeptAndNoMore")
{
    PlayerOptions options;
    options.capacitySeconds = 2.0;
    options.historySeconds = 0.5;
    Player player(options);
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    std::int64_t next = 0;
    for (double wall = 0.0; wall < 6.0; wall += kTick)
    {
        while (player.room() > 0)
        {
            REQUIRE(sender.push(player, next++).ok());
        }
        CHECK(sender.push(player, next).error().code == ErrorCode::Full);
        player.evaluate(at(wall));
    }
    CHECK(player.stats().framesBuffered == 120);
    CHECK(player.stats().framesRefused == 0);
    CHECK(player.stats().underruns == 0);
    CHECK(player.seek(6.0, 5.6 * kRate));
    CHECK_FALSE(player.seek(6.0, 5.0 * kRate));
}

TEST_CASE("A2FBridge.Player.SpeedFollowsTheCaller")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    pushAll(player, sender, 0, 600);
    player.evaluate(at(0.0));
    player.setSpeed(0.0, 2.0);
    CHECK(shownSeconds(player.evaluate(at(1.0))) == doctest::Approx(2.0).epsilon(0.01));
    player.setSpeed(1.0, 0.0);
    CHECK(shownSeconds(player.evaluate(at(9.0))) == doctest::Approx(2.0).epsilon(0.01));
}

TEST_CASE("A2FBridge.Player.ANewStreamTakesOverWithoutAJump")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const Sender sender;
    pushAll(player, sender, 0, 200);
    Watch watch;
    double wall = 0.0;
    for (; wall < 1.0; wall += kTick)
    {
        watch.see(player.evaluate(at(wall)));
    }
    const std::uint64_t revision = player.evaluate(at(wall)).revision;
    REQUIRE(player.begin(rigFormat()).ok());
    watch.lastPosition = -1e300;
    for (; wall < 1.1; wall += kTick)
    {
        watch.see(player.evaluate(at(wall)));
        watch.lastPosition = -1e300;
    }
    pushAll(player, sender, 0, 200);
    for (; wall < 2.0; wall += kTick)
    {
        watch.see(player.evaluate(at(wall)));
    }
    CHECK(watch.largestStep < 0.3);
    CHECK(player.evaluate(at(wall)).revision != revision);
    CHECK(player.evaluate(at(wall)).state == PlayerState::Playing);
}

TEST_CASE("A2FBridge.Player.AStreamWithoutFramesEnds")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    player.finish();
    CHECK(player.evaluate(at(0.0)).state == PlayerState::Finished);
    CHECK(largest(player.evaluate(at(1.0)).weights) == 0.0F);
}

TEST_CASE("A2FBridge.Player.EveryWeightIsChecked")
{
    Player player;
    REQUIRE(player.begin(rigFormat()).ok());
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float huge = std::numeric_limits<float>::infinity();
    const auto push = [&player](std::int64_t index, std::vector<float> weights)
    {
        FrameView frame;
        frame.sampleIndex = index;
        frame.weights = weights;
        return player.push(frame);
    };
    CHECK(push(0, {0.5F, 0.5F, 0.5F}).ok());
    CHECK(push(2000, {nan, 0.5F, 1e9F}).ok());
    CHECK(push(4000, {nan, -huge, -1e9F}).ok());
    CHECK(push(6000, {0.5F}).error().code == ErrorCode::InvalidArgument);
    player.finish();
    player.evaluate(at(0.0));
    const PlayerOutput& output = player.evaluate(at(0.25)); // sample 4000
    CHECK(output.weights[0] == 0.5F);
    CHECK(output.weights[1] == 0.5F);
    CHECK(output.weights[2] == -4.0F);
    const WeightReport report = player.stats().weights;
    CHECK(report.frames == 3);
    CHECK(report.notFinite == 3);
    CHECK(report.outOfRange == 2);
    CHECK(report.wrongCount == 1);
    CHECK(report.worstName == "JawOpen");
    CHECK(report.worstCount == 2);
    CHECK(std::isnan(report.worstValue));
    CHECK(report.text().find("JawOpen (2 times") != std::string::npos);
    CHECK(player.stats().framesRefused == 1);
}
