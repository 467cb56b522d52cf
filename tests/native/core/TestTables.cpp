// Tables in a player: conventions, swaps while playing, and who frees the old ones.
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include <doctest/doctest.h>

#include "Rig.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

namespace
{

std::shared_ptr<const MappingTable> tableOf(const std::string& convention, double weight)
{
    auto table = MappingTable::parse("schema_version: 1\nname: t\nconvention: " + convention +
                                     "\ntarget: {profile: custom, curves: [jaw, lips]}\n"
                                     "mappings:\n  JawOpen: [{curve: jaw, weight: " +
                                     std::to_string(weight) + "}]\n  MouthClose: [{curve: lips}]\n");
    REQUIRE_MESSAGE(table.ok(), table.error().text());
    return table.value();
}

Status push(Player& player, std::int64_t index, std::vector<float> weights)
{
    FrameView frame;
    frame.sampleIndex = index;
    frame.weights = weights;
    return player.push(frame);
}

} // namespace

TEST_CASE("A2FBridge.Player.MapsFramesAndConvertsThemToTheTablesConvention")
{
    for (const char* convention : {"a2f", "arkit"})
    {
        Player player;
        REQUIRE(player.setTable(tableOf(convention, 1.0)).ok());
        REQUIRE(player.begin(rigFormat()).ok()); // a2f: MouthClose contains the jaw
        REQUIRE(push(player, 0, {0.1F, 0.3F, 0.0F}).ok());
        REQUIRE(push(player, 16000, {0.1F, 0.3F, 0.0F}).ok());
        player.evaluate({0.0, {}});
        const PlayerOutput& output = player.evaluate({0.5, {}});
        REQUIRE(output.values.size() == 2);
        CHECK(*output.names == std::vector<std::string>{"jaw", "lips"});
        CHECK(output.values[0] == doctest::Approx(convention[1] == '2' ? 0.1 : 0.4));
        CHECK(output.values[1] == doctest::Approx(0.3));
        CHECK(output.weights[0] == doctest::Approx(0.1));
    }
}

TEST_CASE("A2FBridge.Player.TablesChangeWhilePlayingAndAreFreedByTheWriter")
{
    Player player;
    auto first = tableOf("a2f", 1.0);
    const std::weak_ptr<const MappingTable> watched = first;
    REQUIRE(player.setTable(std::move(first)).ok());
    REQUIRE(player.begin(rigFormat()).ok());
    REQUIRE(push(player, 0, {0.4F, 0.0F, 0.0F}).ok());
    REQUIRE(push(player, 16000, {0.4F, 0.0F, 0.0F}).ok());
    player.evaluate({0.0, {}});
    CHECK(player.evaluate({0.1, {}}).values[0] == doctest::Approx(0.4));
    const std::uint64_t revision = player.evaluate({0.1, {}}).revision;

    REQUIRE(player.setTable(tableOf("a2f", 0.5)).ok());
    CHECK_FALSE(watched.expired()); // the reader still holds it
    const PlayerOutput& output = player.evaluate({0.2, {}});
    CHECK(output.values[0] == doctest::Approx(0.2));
    CHECK(output.weights[0] == doctest::Approx(0.4));
    CHECK(output.revision != revision);
    CHECK_FALSE(watched.expired()); // and it is not the reader that frees it
    REQUIRE(push(player, 20000, {0.4F, 0.0F, 0.0F}).ok());
    CHECK(watched.expired());

    REQUIRE(player.setTable(nullptr).ok());
    CHECK(player.evaluate({0.3, {}}).values.size() == 3);
    CHECK(player.evaluate({0.3, {}}).names->at(0) == "JawOpen");
}

TEST_CASE("A2FBridge.Player.ATableForOtherFramesIsRefusedAndTheOldOneStays")
{
    Player player;
    REQUIRE(player.setTable(tableOf("a2f", 1.0)).ok());
    REQUIRE(player.begin(rigFormat()).ok());
    StreamFormat target = rigFormat();
    target.convention = Convention::Target;
    CHECK(player.begin(target).error().code == ErrorCode::InvalidArgument);
    REQUIRE(push(player, 0, {0.4F, 0.0F, 0.0F}).ok());
    REQUIRE(player.setTable(nullptr).ok());
    REQUIRE(player.begin(target).ok());
    CHECK_FALSE(player.setTable(tableOf("a2f", 1.0)).ok());
    CHECK(player.evaluate({0.0, {}}).names->at(0) == "JawOpen");
}

// For ThreadSanitizer above all: one thread pushes, one evaluates, one changes tables, one asks for numbers.
TEST_CASE("A2FBridge.Threads.WriterReaderAndOthersAtOnce")
{
    PlayerOptions options;
    options.capacitySeconds = 1.0;
    options.historySeconds = 0.2;
    Player player(options);
    std::atomic<bool> over{false};
    std::atomic<std::int64_t> pushed{0};
    std::thread writer(
        [&]
        {
            const Sender sender;
            for (int stream = 0; stream < 4; ++stream)
            {
                static_cast<void>(player.begin(rigFormat()));
                for (std::int64_t i = 0; i < 300;)
                {
                    std::this_thread::yield();
                    if (player.room() == 0)
                    {
                        continue;
                    }
                    const Status status = sender.push(player, i);
                    if (!status.ok() && status.error().code == ErrorCode::Full)
                    {
                        continue; // the reader sought back between the two calls, and the room was gone
                    }
                    pushed += status.ok() ? 1 : 0;
                    ++i;
                }
                player.finish();
            }
            over = true;
        });
    std::thread editor(
        [&]
        {
            for (int i = 0; !over; ++i)
            {
                static_cast<void>(player.setTable(i % 3 == 0 ? nullptr : tableOf(i % 2 == 0 ? "a2f" : "arkit", 0.5)));
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        });
    std::thread observer(
        [&]
        {
            while (!over)
            {
                static_cast<void>(player.stats());
                static_cast<void>(player.ready());
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        });
    bool sane = true;
    for (int i = 0; !over; ++i)
    {
        const double wall = i * 0.02;
        const PlayerOutput& output = player.evaluate({wall, {}});
        sane = sane && output.names->size() == output.values.size();
        for (const float value : output.values)
        {
            sane = sane && std::isfinite(value);
        }
        if (i % 50 == 49)
        {
            player.pause(wall);
            player.resume(wall);
            player.seek(wall, output.position - 1600.0);
        }
    }
    writer.join();
    editor.join();
    observer.join();
    CHECK(sane);
    CHECK(pushed == 1200);
}
