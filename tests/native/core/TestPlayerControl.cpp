// The player in simulated time: pause, seek, speed, history, one stream after another.
#include <cmath>
#include <limits>

#include "PlayerRig.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

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
