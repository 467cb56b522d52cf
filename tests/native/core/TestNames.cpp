// Names, conventions, time codes and results.
#include <cmath>

#include <doctest/doctest.h>

#include "A2FBridge/Convention.h"
#include "A2FBridge/Frame.h"
#include "A2FBridge/Names.h"
#include "A2FBridge/Version.h"
#include "JsonTree.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

TEST_CASE("A2FBridge.Names.Order")
{
    CHECK(faceNames()[0] == "EyeBlinkLeft");
    CHECK(faceNames()[17] == "JawOpen");
    CHECK(faceNames()[51] == "TongueOut");
    CHECK(faceNames()[67] == "TongueNarrow");
    CHECK(faceIndex("jawOpen") == 17);
    CHECK(faceIndex("JawOpn") == kNotFound);
    CHECK(emotionIndex("joy") == 6);
    CHECK(emotionIndex("out_of_breath") == emotionIndex("outofbreath"));
    CHECK(emotionIndex("bored") == kNotFound);
    CHECK(camelCase("JawOpen") == "jawOpen");
}

TEST_CASE("A2FBridge.Names.NearestIsThatOfPythonsDifflib")
{
    const std::vector<std::string> known = {"JawOpen", "JawLeft", "MouthClose", "MouthFunnel", "mh4", "mh3"};
    CHECK(nearestName("jawopn", known) == "JawOpen");
    CHECK(nearestName("mouth_close", known) == "MouthClose");
    CHECK(nearestName("mh5", known) == "mh4"); // a tie: difflib gives the later in the alphabet
    CHECK(nearestName("tongue", known).empty());
    CHECK(nearestName("", known).empty());
}

TEST_CASE("A2FBridge.Convention.Vectors")
{
    const Json vectors = readVector("conventions.json");
    const std::vector<std::string> names = vectors["names"].texts();
    const auto toArkit = ConventionConverter::create(names, Convention::A2F, Convention::ARKit);
    const auto toA2f = ConventionConverter::create(names, Convention::ARKit, Convention::A2F);
    REQUIRE(vectors["weights"].size() > 10);
    for (std::size_t i = 0; i < vectors["weights"].size(); ++i)
    {
        CAPTURE(i);
        for (const char* way : {"a2f_to_arkit", "arkit_to_a2f"})
        {
            std::vector<float> weights = vectors["weights"][i].floats();
            (way[0] == 'a' && way[1] == '2' ? toArkit : toA2f).value().apply(weights.data());
            const std::vector<float> expected = vectors[way][i].floats();
            for (std::size_t k = 0; k < weights.size(); ++k)
            {
                CHECK(std::abs(weights[k] - expected[k]) <= 1e-6F);
            }
        }
    }
}

TEST_CASE("A2FBridge.Convention.ATargetCannotBeConverted")
{
    const std::vector<std::string> names = {"JawOpen"};
    CHECK_FALSE(ConventionConverter::create(names, Convention::Target, Convention::A2F).ok());
    CHECK(ConventionConverter::create(names, Convention::Target, Convention::Target).ok());
    CHECK_FALSE(parseConvention("apple").ok());
    CHECK(parseConvention("arkit").value() == Convention::ARKit);
    float weight = 0.5F;
    ConventionConverter::create(names, Convention::A2F, Convention::ARKit).value().apply(&weight);
    CHECK(weight == 0.5F);
}

TEST_CASE("A2FBridge.Frame.LiveLinkTimecodes")
{
    const Json vectors = readVector("livelink_timecodes.json");
    REQUIRE(vectors.size() > 10);
    for (const auto& entry : vectors.entries)
    {
        const Json& vector = entry.second;
        const FrameRate rate{vector["frame_rate"][0].integer(), vector["frame_rate"][1].integer()};
        CHECK(liveLinkTimecode(vector["frame"].integer(), rate) == vector["timecode"].text);
    }
}

TEST_CASE("A2FBridge.Frame.SamplesOfFramesAreExact")
{
    const FrameRate ntsc{30000, 1001};
    CHECK(ntsc.sampleOf(0, 16000) == 0);
    CHECK(ntsc.sampleOf(1, 16000) == 533);
    CHECK(ntsc.sampleOf(30000, 16000) == 16016000);
    CHECK(ntsc.sampleOf(-1, 16000) == -534);
    CHECK(FrameRate{60, 1}.sampleOf(1'000'000'007, 48000) == 800'000'005'600);
    // Large terms must not overflow on the way: the rate is 30000/1001 in other words.
    const FrameRate wide{30000LL * 1'000'000, 1001LL * 1'000'000};
    for (std::int64_t frame : {0, 1, 29, 107892, 12345678})
    {
        CHECK(wide.sampleOf(frame, 44100) == ntsc.sampleOf(frame, 44100));
        CHECK(ntsc.frameAt(ntsc.timeOf(frame)) == frame);
    }
}

TEST_CASE("A2FBridge.Frame.FormatsAreChecked")
{
    StreamFormat format;
    CHECK_FALSE(format.validate().ok());
    format.names = {"JawOpen"};
    CHECK(format.validate().ok());
    format.frameRate = {1001, 1};
    CHECK_FALSE(format.validate().ok());
    format.frameRate = {1000, 1};
    CHECK(format.validate().ok());
    format.frameRate = {0, 1};
    CHECK_FALSE(format.validate().ok());
    format.frameRate = {30, 1};
    format.sampleRate = 0;
    CHECK_FALSE(format.validate().ok());
    format.sampleRate = 16000;
    format.names = {"JawOpen", "JawOpen"};
    CHECK(format.validate().error().message.find("JawOpen") != std::string::npos);
}

TEST_CASE("A2FBridge.Result.ErrorsSayWhere")
{
    Error error = makeError(ErrorCode::InvalidData, "no curve 'x'", "unknown_target");
    CHECK(error.text() == "no curve 'x'");
    error.path = "t.yaml";
    error.line = 3;
    error.column = 7;
    CHECK(error.text() == "t.yaml:3:7: no curve 'x'");
    error.line = 0;
    error.offset = 12;
    CHECK(error.text() == "t.yaml:byte 12: no curve 'x'");
    CHECK(std::string(errorCodeName(ErrorCode::DeadlineExceeded)) == "deadline_exceeded");
}

TEST_CASE("A2FBridge.Version.IsThatOfThePackage")
{
    CHECK(readText("python_server/src/a2fbridge/_version.py").find(std::string("\"") + versionText() + "\"") !=
          std::string::npos);
}
