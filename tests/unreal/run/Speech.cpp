// The engine-free parts by themselves: feed, queues, server output, deferred sources.
#include "Run.h"

#include "A2FBridge/Sources.h"
#include "Speech/AudioFeed.h"
#include "Speech/CurveBlend.h"
#include "Speech/DeferredSource.h"
#include "Speech/LiveQueue.h"
#include "Speech/SendQueue.h"
#include "Speech/ServerOutput.h"

using namespace a2fbridge;

TEST(FeedCountsWhatIsSound)
{
	AudioFeed Feed(2, 48000);
	Feed.append({1, 2, 3, 4});
	Feed.append({5, 6});
	std::int16_t Out[10];
	EXPECT(Feed.read(Out, 4) == 4 && Out[3] == 4);
	EXPECT(Feed.consumed() == 2 && Feed.length() == 3);
	EXPECT(Feed.read(Out, 10) == 2 && Out[1] == 6 && Out[2] == 0);
	EXPECT(Feed.consumed() == 3 && !Feed.drained());
	Feed.append({7, 8});
	Feed.finish();
	EXPECT(!Feed.drained() && Feed.read(Out, 2) == 2 && Out[0] == 7 && Feed.drained());
	Feed.seek(1);
	EXPECT(Feed.consumed() == 1 && Feed.read(Out, 10) == 6 && Out[0] == 3 && Out[5] == 8);
	Feed.seek(99);
	EXPECT(Feed.consumed() == 4 && Feed.drained());
	Feed.seek(-5);
	EXPECT(Feed.consumed() == 0);
}

TEST(LiveQueueDropsTheOldest)
{
	LiveQueue Queue(0.01);
	std::vector<float> Block(100, 1.0F);
	Queue.push(Block.data(), 100, 1, 8000);
	std::vector<float> Out;
	std::int32_t Channels = 0;
	std::int32_t Rate = 0;
	EXPECT(Queue.dropped() == 20);
	EXPECT(Queue.take(Out, Channels, Rate) && Out.size() == 80 && Channels == 1 && Rate == 8000);
	EXPECT(!Queue.take(Out, Channels, Rate));
}

TEST(SlowSoundIsBroughtUp)
{
	auto Source = makeMockSource();
	SendQueue Queue;
	const std::vector<float> Sound(8000, 0.5F);
	EXPECT(Queue.add(Sound, 1, 8000).ok());
	EXPECT(Queue.rate() == 16000);
	EXPECT_NEAR(Queue.seconds(), 1.0, 1e-9);
	std::vector<std::int16_t> Sent;
	EXPECT(Queue.send(*Source.value(), 10.0, [&](std::int64_t At, Span<std::int16_t> Samples) { EXPECT(At == static_cast<std::int64_t>(Sent.size())); Sent.insert(Sent.end(), Samples.begin(), Samples.end()); }).ok());
	EXPECT(Sent.size() == 16000 && Queue.empty());
	EXPECT_NEAR(Sent[8000], 16384, 1);
	EXPECT(!Queue.add(Sound, 1, 200000).ok());
}

TEST(ServerLines)
{
	LineReader Reader;
	EXPECT(Reader.add("{\"event\": \"run").empty());
	const auto Lines = Reader.add("ning\", \"port\": 4711}\r\nother\nrest");
	EXPECT(Lines.size() == 2 && Lines[1] == "other");
	EXPECT(runningPort(Lines[0]) == 4711);
	EXPECT(!runningPort("{\"event\": \"stopped\", \"port\": 4711}"));
	EXPECT(!runningPort("{\"event\": \"running\", \"port\": 99999}"));
	EXPECT(!runningPort("running port 4711") && !runningPort(""));
}

TEST(DeferredSourceWaits)
{
	int Asked = 0;
	DeferredSource Source([&]() -> std::optional<Result<std::unique_ptr<IFrameSource>>> {
		if (++Asked < 3)
		{
			return std::nullopt;
		}
		return Result<std::unique_ptr<IFrameSource>>(makeMockSource());
	});
	const std::vector<std::int16_t> Sound(1600);
	AudioBlock Block;
	Block.pcm16 = Sound;
	EXPECT(Source.pushAudio(Block).error().code == ErrorCode::Full);
	EXPECT(Source.state() == SourceState::Opening);
	EXPECT(Source.pushAudio(Block).error().code == ErrorCode::Full);
	EXPECT(Source.pushAudio(Block).ok());
	DeferredSource Broken([] { return std::optional(Result<std::unique_ptr<IFrameSource>>(makeError(ErrorCode::Unavailable, "no server"))); });
	EXPECT(Broken.pushAudio(Block).error().code == ErrorCode::WrongState);
	EXPECT(Broken.state() == SourceState::Failed && Broken.error().message == "no server");
}

TEST(BlendFollowsActivity)
{
	CurveBlend Blend;
	CurveBlendOptions Options;
	EXPECT_NEAR(Blend.share(Options, 0.5F, 0.1F), 0.5, 1e-6);
	Options.blendOutRate = 10.0F;
	EXPECT_NEAR(Blend.share(Options, 1.0F, 0.1F), 1.0, 1e-6);
	EXPECT_NEAR(Blend.share(Options, 0.0F, 0.1F), std::exp(-1.0), 1e-5);
	Options.blendOut = false;
	EXPECT_NEAR(Blend.share(Options, 0.0F, 0.1F), 1.0, 1e-6);
}
