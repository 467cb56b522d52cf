// The jitter buffer against a naive one, in any order of arrival.
#include <map>
#include <random>

#include <doctest/doctest.h>

#include "A2FBridge/FrameBuffer.h"

using namespace a2fbridge;

namespace
{

Status push(FrameBuffer& buffer, std::int64_t index, float value)
{
    const std::vector<float> weights = {value, -value};
    FrameView frame;
    frame.sampleIndex = index;
    frame.weights = weights;
    return buffer.push(frame);
}

float valueAt(const FrameBuffer& buffer, double position)
{
    std::vector<float> weights(2);
    buffer.sample(position, true, weights.data(), nullptr);
    return weights[0];
}

} // namespace

TEST_CASE("A2FBridge.FrameBuffer.SamplesBetweenFrames")
{
    FrameBuffer buffer(2, 8);
    std::vector<float> weights(2, 9.0F);
    std::vector<float> emotions(kEmotionCount);
    CHECK(buffer.sample(0.0, true, weights.data(), emotions.data()) == SampleKind::Empty);
    CHECK(weights[0] == 9.0F);
    CHECK(push(buffer, 100, 1.0F).ok());
    CHECK(push(buffer, 200, 3.0F).ok());
    CHECK(buffer.sample(50.0, true, weights.data(), emotions.data()) == SampleKind::BeforeFirst);
    CHECK(weights[0] == 1.0F);
    CHECK(buffer.sample(150.0, true, weights.data(), emotions.data()) == SampleKind::Between);
    CHECK(weights[0] == 2.0F);
    CHECK(weights[1] == -2.0F);
    CHECK(std::isnan(emotions[0]));
    CHECK(buffer.sample(175.0, false, weights.data(), nullptr) == SampleKind::Between);
    CHECK(weights[0] == 1.0F);
    CHECK(buffer.sample(200.0, true, weights.data(), nullptr) == SampleKind::Between);
    CHECK(weights[0] == 3.0F);
    CHECK(buffer.sample(200.5, true, weights.data(), nullptr) == SampleKind::AfterLast);
    CHECK(weights[0] == 3.0F);
}

TEST_CASE("A2FBridge.FrameBuffer.AnyOrderOfArrivalGivesTheSame")
{
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round)
    {
        const std::size_t capacity = 2 + random() % 30;
        FrameBuffer buffer(2, capacity);
        std::map<std::int64_t, float> naive;
        for (int i = 0; i < 60; ++i)
        {
            const auto index = static_cast<std::int64_t>(random() % 200);
            const auto value = static_cast<float>(random() % 1000);
            const std::int64_t keep = static_cast<std::int64_t>(random() % 250) - 25;
            buffer.keepFrom(keep);
            const std::size_t room = buffer.room();
            const Status pushed = push(buffer, index, value);
            const bool full = naive.size() == capacity && naive.count(index) == 0;
            if (full && index < naive.begin()->first)
            {
                CHECK(pushed.error().code == ErrorCode::OutOfOrder);
                continue;
            }
            if (full && std::next(naive.begin())->first > keep)
            {
                CHECK(pushed.error().code == ErrorCode::Full);
                CHECK(room == 0);
                continue;
            }
            CHECK(pushed.ok());
            if (full)
            {
                naive.erase(naive.begin());
            }
            naive[index] = value;
        }
        const BufferRange range = buffer.range();
        REQUIRE(range.count == naive.size());
        CHECK(range.first == naive.begin()->first);
        CHECK(range.last == naive.rbegin()->first);
        for (const auto& [index, value] : naive)
        {
            CHECK(valueAt(buffer, static_cast<double>(index)) == value);
        }
        for (auto it = naive.begin(); std::next(it) != naive.end(); ++it)
        {
            const auto after = std::next(it);
            const double middle = 0.5 * static_cast<double>(it->first + after->first);
            CHECK(valueAt(buffer, middle) == doctest::Approx(0.5F * (it->second + after->second)));
        }
    }
}

TEST_CASE("A2FBridge.FrameBuffer.RoomIsWhatPushTakes")
{
    FrameBuffer buffer(2, 4);
    CHECK(buffer.room() == 4);
    for (std::int64_t i = 0; i < 4; ++i)
    {
        CHECK(push(buffer, i * 10, 0.0F).ok());
    }
    CHECK(buffer.room() == 0);
    CHECK(push(buffer, 40, 0.0F).error().code == ErrorCode::Full);
    buffer.keepFrom(25); // 20 is the last frame at or before; 0 and 10 may go
    CHECK(buffer.room() == 2);
    CHECK(push(buffer, 40, 0.0F).ok());
    CHECK(push(buffer, 50, 0.0F).ok());
    CHECK(push(buffer, 60, 0.0F).error().code == ErrorCode::Full);
    CHECK(buffer.range().first == 20);
    CHECK(buffer.range().evicted == 2);
    CHECK(buffer.range().dropped);
    CHECK(push(buffer, 50, 5.0F).ok());
    CHECK(buffer.range().replaced == 1);
    buffer.finish();
    CHECK(buffer.range().finished);
    buffer.clear();
    CHECK(buffer.range().count == 0);
    CHECK_FALSE(buffer.range().finished);
    CHECK_FALSE(buffer.range().dropped);
    CHECK(push(buffer, 0, 1.0F).ok());
}

TEST_CASE("A2FBridge.FrameBuffer.WrongCountsAreRefused")
{
    FrameBuffer buffer(3, 4);
    CHECK(push(buffer, 0, 1.0F).error().code == ErrorCode::InvalidArgument);
}
