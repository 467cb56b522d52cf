// Sound on its way out: formats, channels, rounding, bounds, and what is said once nothing more may go.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "Failure.h"
#include "Outbox.h"
#include "Session.h"
#include "a2fbridge/a2fbridge.hpp"

using namespace a2fbridge::client;

namespace
{

template <class Sample>
a2fb_audio block(const std::vector<Sample>& samples, std::uint32_t channels = 1)
{
    auto audio = a2fb::make<a2fb_audio>();
    audio.format = std::is_same_v<Sample, float> ? A2FB_F32 : A2FB_S16;
    audio.channels = channels;
    audio.data = samples.data();
    audio.frames = samples.size() / channels;
    return audio;
}

std::vector<std::int16_t> sent(Outbox& outbox, std::size_t most = 1000)
{
    Parcel parcel;
    outbox.take(most, parcel);
    return parcel.samples;
}

using Samples = std::vector<std::int16_t>;

} // namespace

TEST_CASE("16-bit mono goes as it is")
{
    Outbox outbox(100);
    const Samples samples = {0, 1, -1, 32767, -32768};
    CHECK(outbox.push(block(samples)) == 5);
    CHECK(sent(outbox) == samples);
}

TEST_CASE("Floats are rounded to even and clipped, as Python's side does")
{
    Outbox outbox(100);
    const std::vector<float> samples = {0.0F, 0.5F, -1.0F, 1.0F, 7.0F, -7.0F, 2.5F / 32768, 3.5F / 32768};
    CHECK(outbox.push(block(samples)) == 8);
    CHECK(sent(outbox) == Samples{0, 16384, -32768, 32767, 32767, -32768, 2, 4});
}

TEST_CASE("Channels are averaged")
{
    Outbox outbox(100);
    CHECK(outbox.push(block(Samples{100, 200, -100, -201, 32767, 32767}, 2)) == 3);
    CHECK(sent(outbox) == Samples{150, -150, 32767});
    CHECK(outbox.push(block(std::vector<float>{0.25F, 0.75F, 0.5F}, 3)) == 1);
    CHECK(sent(outbox) == Samples{16384});
}

TEST_CASE("The queue takes what there is room for, and wraps around")
{
    Outbox outbox(8);
    Samples all;
    std::int16_t next = 0;
    Samples back;
    for (int round = 0; round < 20; ++round)
    {
        Samples five;
        for (int i = 0; i < 5; ++i)
        {
            five.push_back(static_cast<std::int16_t>(next + i));
        }
        const std::size_t taken = outbox.push(block(five));
        all.insert(all.end(), five.begin(), five.begin() + static_cast<std::ptrdiff_t>(taken));
        next = static_cast<std::int16_t>(next + static_cast<int>(taken));
        const Samples some = sent(outbox, 3);
        back.insert(back.end(), some.begin(), some.end());
    }
    for (Samples rest; !(rest = sent(outbox)).empty();)
    {
        back.insert(back.end(), rest.begin(), rest.end());
    }
    CHECK(back == all);
    CHECK(outbox.pushed() == all.size());
}

TEST_CASE("Room is told once after it was missed")
{
    Outbox outbox(4);
    CHECK_FALSE(outbox.roomAgain());
    CHECK(outbox.push(block(Samples(6))) == 4);
    CHECK_FALSE(outbox.roomAgain());
    sent(outbox, 1);
    CHECK(outbox.roomAgain());
    CHECK_FALSE(outbox.roomAgain());
}

TEST_CASE("Keys go ahead of the sound, at most 500 at a time, and 20000 wait at most")
{
    Outbox outbox(100);
    for (int i = 0; i < 20000; ++i)
    {
        REQUIRE(outbox.push(EmotionKey{static_cast<double>(i), {}}));
    }
    CHECK_FALSE(outbox.push(EmotionKey{}));
    outbox.push(block(Samples{1, 2}));
    Parcel parcel;
    for (int i = 0; i < 39; ++i)
    {
        REQUIRE(outbox.take(10, parcel));
        CHECK(parcel.keys.size() == 500);
        CHECK(parcel.samples.empty());
    }
    REQUIRE(outbox.take(10, parcel));
    CHECK(parcel.keys.back().timeCode == 19999.0);
    CHECK(parcel.samples == Samples{1, 2});
    CHECK_FALSE(outbox.take(10, parcel));
}

TEST_CASE("The end comes last and once; a clip without sound is still a clip")
{
    Outbox outbox(100);
    outbox.push(block(Samples{1}));
    outbox.end();
    Parcel parcel;
    REQUIRE(outbox.take(10, parcel));
    CHECK_FALSE(parcel.end);
    REQUIRE(outbox.take(10, parcel));
    CHECK(parcel.end);
    CHECK_FALSE(outbox.take(10, parcel));
    Outbox empty(100);
    empty.end();
    REQUIRE(empty.take(10, parcel));
    CHECK_FALSE(parcel.end);
    CHECK(parcel.samples.empty());
    REQUIRE(empty.take(10, parcel));
    CHECK(parcel.end);
}

TEST_CASE("Sound that cannot be sent is refused as a whole")
{
    Outbox outbox(100);
    const auto status = [&](const a2fb_audio& audio)
    {
        try
        {
            outbox.push(audio);
        }
        catch (const Failure& failure)
        {
            return failure.status;
        }
        return a2fb_status{A2FB_OK};
    };
    CHECK(status(block(std::vector<float>{0.0F, std::numeric_limits<float>::quiet_NaN()})) == A2FB_E_ARGUMENT);
    CHECK(status(block(std::vector<float>{0.0F, std::numeric_limits<float>::infinity()})) == A2FB_E_ARGUMENT);
    CHECK(status(block(Samples(9), 9)) == A2FB_E_ARGUMENT);
    a2fb_audio odd = block(Samples{1});
    odd.format = 7;
    CHECK(status(odd) == A2FB_E_ARGUMENT);
    odd = block(Samples{1});
    odd.data = nullptr;
    CHECK(status(odd) == A2FB_E_ARGUMENT);
    CHECK(outbox.pushed() == 0);
}

TEST_CASE("a failure that comes while a caller pushes is told in its own words")
{
    for (int round = 0; round < 500; ++round)
    {
        a2fbridge::client::Session session(a2fbridge::client::SessionSettings{}, nullptr, nullptr);
        std::thread connection([&] { session.fail({A2FB_E_REFUSED, "refused"}); });
        std::string told;
        while (told.empty())
        {
            try
            {
                session.requireOpen();
            }
            catch (const a2fbridge::client::Failure& failure)
            {
                told = failure.message;
            }
        }
        connection.join();
        REQUIRE(told == "refused");
    }
}
