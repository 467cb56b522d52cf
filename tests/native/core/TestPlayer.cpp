// The player in simulated time: fill, play, underrun, end, drift, devices.
#include <cmath>
#include <limits>

#include "PlayerRig.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

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
