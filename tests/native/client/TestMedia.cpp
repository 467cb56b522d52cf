// Players, tables, recordings and WAV files through the C interface. What they compute is tested with the core.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "Support.h"

using namespace a2fbridge::test;

namespace
{

constexpr double kNoDevice = std::numeric_limits<double>::quiet_NaN();

a2fb::Player makePlayer(a2fb::Error& error)
{
    a2fb::Player player = library().player(a2fb::make<a2fb_player_options>(), error);
    REQUIRE_MESSAGE(player, error.text());
    return player;
}

a2fb_pose evaluate(const a2fb::Player& player, double wall, double device, std::vector<float>& values)
{
    auto pose = a2fb::make<a2fb_pose>();
    values.resize(512);
    CHECK(player.api().player_evaluate(player.raw(), wall, device, values.data(), values.size(), &pose) == A2FB_OK);
    values.resize(pose.value_count);
    return pose;
}

struct Names
{
    std::vector<std::string> texts;
    std::vector<a2fb_str> strs;

    explicit Names(std::vector<std::string> given) : texts(std::move(given))
    {
        for (const std::string& text : texts)
        {
            strs.push_back(a2fb::str(text));
        }
    }
    a2fb_format format() const
    {
        auto made = a2fb::make<a2fb_format>();
        made.names = strs.data();
        made.name_count = strs.size();
        return made;
    }
};

a2fb_frame frameOf(std::int64_t index, std::vector<float>& weights)
{
    auto frame = a2fb::make<a2fb_frame>();
    frame.weights = weights.data();
    frame.weight_count = static_cast<std::uint32_t>(weights.size());
    frame.sample_index = index * 16000 / 30;
    frame.time_code = static_cast<double>(index) / 30.0;
    return frame;
}

int appendTo(void* context, const void* bytes, std::size_t size)
{
    static_cast<std::string*>(context)->append(static_cast<const char*>(bytes), size);
    return 0;
}

} // namespace

TEST_CASE("A session pumped into a player, mapped, at the position that is heard")
{
    Link link;
    const a2fb::Player player = makePlayer(link.error);
    const a2fb::Table table = library().shippedTable("mh4", link.error);
    REQUIRE_MESSAGE(table, link.error.text());
    CHECK(player.api().player_set_table(player.raw(), table.raw(), link.error.out()) == A2FB_OK);
    const a2fb::Session session = link.open();
    pushSilence(session, 1.0);
    session.end(link.error);
    std::size_t all = 0;
    a2fb_status status = A2FB_OK;
    CHECK(eventually(
        [&]
        {
            std::size_t moved = 0;
            status = player.api().player_pump(player.raw(), session.raw(), &moved, link.error.out());
            all += moved;
            return status != A2FB_OK && status != A2FB_NOTHING;
        }));
    CHECK(status == A2FB_END);
    CHECK(all == 30);
    auto info = a2fb::make<a2fb_player_info>();
    CHECK(player.api().player_info(player.raw(), &info) == A2FB_OK);
    CHECK(info.ready == 1);
    CHECK(info.frames_pushed == 30);
    std::vector<float> values;
    const std::vector<std::string> curves = table.curves();
    for (int i = 0; i < 20; ++i)
    {
        const a2fb_pose pose = evaluate(player, i / 60.0, i * 16000.0 / 60.0, values);
        CHECK(pose.value_count == curves.size());
        CHECK(pose.state == A2FB_PLAYER_PLAYING);
    }
    a2fb_str name{};
    CHECK(player.api().player_text(player.raw(), A2FB_TEXT_NAME, 0, &name) == A2FB_OK);
    CHECK(a2fb::view(name) == curves[0]);
    evaluate(player, 5.0, kNoDevice, values);
    const a2fb_pose rest = evaluate(player, 6.0, kNoDevice, values);
    CHECK(rest.state == A2FB_PLAYER_FINISHED);
    CHECK(rest.activity == 0.0);
}

TEST_CASE("A session that fails brings the face to rest")
{
    Link link(Link::Pairs{{"mock-fault", "internal"}});
    const a2fb::Player player = makePlayer(link.error);
    const a2fb::Session session = link.open();
    pushSilence(session, 1.0);
    a2fb_status status = A2FB_OK;
    CHECK(eventually(
        [&]
        {
            status = player.api().player_pump(player.raw(), session.raw(), nullptr, link.error.out());
            return status < 0;
        }));
    CHECK(status == A2FB_E_SERVER);
    std::vector<float> values;
    evaluate(player, 0.0, kNoDevice, values);
    for (int i = 1; i < 100; ++i)
    {
        evaluate(player, i / 60.0, kNoDevice, values);
    }
    CHECK(evaluate(player, 2.0, kNoDevice, values).state == A2FB_PLAYER_FINISHED);
}

TEST_CASE("A player fed by hand: interpolation, seek, pause")
{
    a2fb::Error error;
    const a2fb::Player player = makePlayer(error);
    const Names names({"JawOpen", "MouthClose"});
    const a2fb_format format = names.format();
    std::vector<float> weights(2);
    a2fb_frame frame = frameOf(0, weights);
    CHECK(player.api().player_push(player.raw(), &frame, error.out()) == A2FB_E_STATE);
    REQUIRE(player.api().player_begin(player.raw(), &format, error.out()) == A2FB_OK);
    for (int i = 0; i < 30; ++i)
    {
        weights[0] = static_cast<float>(i) / 32.0F;
        frame = frameOf(i, weights);
        CHECK(player.api().player_push(player.raw(), &frame, error.out()) == A2FB_OK);
    }
    std::vector<float> wrong(3);
    frame = frameOf(31, wrong);
    CHECK(player.api().player_push(player.raw(), &frame, error.out()) == A2FB_E_ARGUMENT);
    std::vector<float> values;
    evaluate(player, 0.0, 0.0, values);
    evaluate(player, 0.1, 1600.0, values);
    CHECK(values[0] == doctest::Approx(3.0 / 32.0).epsilon(0.02));
    CHECK(player.api().player_pause(player.raw(), 0.1) == A2FB_OK);
    CHECK(evaluate(player, 0.2, kNoDevice, values).paused == 1);
    CHECK(player.api().player_resume(player.raw(), 0.2) == A2FB_OK);
    CHECK(player.api().player_seek(player.raw(), 0.2, 8000.0) == A2FB_OK);
    CHECK(player.api().player_speed(player.raw(), 0.2, 17.0) == A2FB_E_ARGUMENT);
    CHECK(player.api().player_speed(player.raw(), 0.2, 2.0) == A2FB_OK);
    CHECK(player.api().player_device_gone(player.raw()) == A2FB_OK);
    float one = 0.0F;
    auto pose = a2fb::make<a2fb_pose>();
    CHECK(player.api().player_evaluate(player.raw(), 0.3, kNoDevice, &one, 1, &pose) == A2FB_E_TOO_SMALL);
    CHECK(pose.value_count == 2);
}

TEST_CASE("Tables: shipped, from text, with params, base tables and errors")
{
    a2fb::Error error;
    const a2fb::Table mh4 = library().shippedTable("mh4", error);
    REQUIRE_MESSAGE(mh4, error.text());
    CHECK(mh4.info().convention == A2FB_CONVENTION_A2F);
    CHECK(mh4.info().source_count == 68);
    CHECK(mh4.info().target_count == mh4.curves().size());
    CHECK_FALSE(library().shippedTable("mh5", error));
    CHECK(error.text().find("did you mean 'mh4'?") != std::string_view::npos);

    const std::string_view mine = "schema_version: 1\nname: mine\nconvention: a2f\nextends: mh4\n";
    auto options = a2fb::make<a2fb_table_options>();
    const a2fb_value param{a2fb_text("blink_gain"), 2.0};
    options.params = &param;
    options.param_count = 1;
    const a2fb::Table table = library().table(mine, options, error);
    REQUIRE_MESSAGE(table, error.text());
    std::vector<float> weights(68);
    weights[0] = 0.25F; // EyeBlinkLeft
    std::vector<float> plain(mh4.info().target_count);
    std::vector<float> doubled(plain.size());
    CHECK(mh4.map(weights.data(), 68, plain) == A2FB_OK);
    CHECK(table.map(weights.data(), 68, doubled) == A2FB_OK);
    const std::vector<std::string> curves = mh4.curves();
    const auto blink = static_cast<std::size_t>(std::find(curves.begin(), curves.end(), "CTRL_expressions_eyeBlinkL") -
                                                curves.begin());
    REQUIRE(blink < plain.size());
    CHECK(plain[blink] > 0.0F);
    CHECK(doubled[blink] == doctest::Approx(2.0 * plain[blink]));
    CHECK(mh4.map(weights.data(), 67, plain) == A2FB_E_ARGUMENT);
    std::vector<float> small(3);
    CHECK(mh4.map(weights.data(), 68, small) == A2FB_E_TOO_SMALL);
    CHECK(mh4.bind({"EyeBlinkLeft"}, error) == A2FB_OK);
    std::vector<float> bound(plain.size());
    CHECK(mh4.map(weights.data(), 1, bound) == A2FB_OK);
    CHECK(bound[blink] == plain[blink]);
    CHECK(mh4.bind({"JawOpen", "jawopen"}, error) == A2FB_E_ARGUMENT);

    options = a2fb::make<a2fb_table_options>();
    options.title = a2fb_text("mine.yaml");
    CHECK_FALSE(
        library().table("schema_version: 1\nname: x\nconvention: a2f\ntarget: {profile: arkit_25}\n", options, error));
    CHECK(error.status() == A2FB_E_FORMAT);
    CHECK(error.details().line == 4);
    CHECK(std::string(error.details().code) == "unknown_profile");
    CHECK(error.text().find("mine.yaml:4:") == 0);
}

TEST_CASE("A caller's own base table is asked for first")
{
    a2fb::Error error;
    auto options = a2fb::make<a2fb_table_options>();
    std::string asked;
    options.find_context = &asked;
    options.find = [](void* context, std::uint32_t kind, a2fb_str name, a2fb_str* document) -> a2fb_status
    {
        if (kind != A2FB_DOCUMENT_TABLE)
        {
            return A2FB_NOTHING;
        }
        *static_cast<std::string*>(context) += a2fb::view(name);
        *document =
            a2fb_text("schema_version: 1\nname: base\nconvention: a2f\ntarget: {profile: custom, curves: [jaw]}\n"
                      "mappings: {JawOpen: [{curve: jaw}]}\ndefaults: {on_unmapped_source: ignore}\n");
        return A2FB_OK;
    };
    const a2fb::Table table =
        library().table("schema_version: 1\nname: mine\nconvention: a2f\nextends: my_base\n", options, error);
    REQUIRE_MESSAGE(table, error.text());
    CHECK(asked == "my_base");
    CHECK(table.curves() == std::vector<std::string>{"jaw"});
}

TEST_CASE("A recording that is written is read again")
{
    a2fb::Error error;
    const Names names({"JawOpen", "MouthClose"});
    std::string file;
    auto options = a2fb::make<a2fb_writer_options>();
    options.sink = appendTo;
    options.sink_context = &file;
    options.settings_json = a2fb_text("{\"solver\": \"bvls\"}");
    const a2fb::Writer writer = library().writer(names.format(), options, error);
    REQUIRE_MESSAGE(writer, error.text());
    const a2fb_api& api = writer.api();
    std::vector<float> weights = {0.5F, 0.25F};
    a2fb_frame frame = frameOf(3, weights);
    const std::int16_t sound[] = {1, -2, 3};
    CHECK(api.writer_audio(writer.raw(), 0, sound, 3, error.out()) == A2FB_OK);
    CHECK(api.writer_frame(writer.raw(), &frame, error.out()) == A2FB_OK);
    CHECK(api.writer_frame(writer.raw(), &frame, error.out()) == A2FB_E_ARGUMENT); // not after the one before
    CHECK(api.writer_event(writer.raw(), 5, a2fb_text("{\"kind\": \"marker\"}"), error.out()) == A2FB_OK);
    CHECK(api.writer_event(writer.raw(), 5, a2fb_text("nonsense"), error.out()) == A2FB_E_ARGUMENT);
    CHECK(api.writer_finish(writer.raw(), error.out()) == A2FB_OK);

    const a2fb::Recording recording = library().recording(file, error);
    REQUIRE_MESSAGE(recording, error.text());
    auto info = a2fb::make<a2fb_recording_info>();
    CHECK(api.recording_info(recording.raw(), &info) == A2FB_OK);
    CHECK(info.complete == 1);
    CHECK(info.frame_count == 1);
    CHECK(info.weight_count == 2);
    a2fb_str text{};
    CHECK(api.recording_text(recording.raw(), A2FB_TEXT_HEADER, 0, &text) == A2FB_OK);
    CHECK(a2fb::view(text).find("bvls") != std::string_view::npos);
    float read[2] = {};
    auto record = a2fb::make<a2fb_record>();
    CHECK(api.recording_next(recording.raw(), &record, error.out()) == A2FB_OK);
    CHECK(record.type == A2FB_RECORD_AUDIO);
    REQUIRE(record.audio_count == 3);
    CHECK(record.audio[2] == 0xFE);
    CHECK(api.recording_next(recording.raw(), &record, error.out()) == A2FB_E_TOO_SMALL);
    record.weights = read;
    record.weight_capacity = 2;
    CHECK(api.recording_next(recording.raw(), &record, error.out()) == A2FB_OK);
    CHECK(record.type == A2FB_RECORD_FRAME);
    CHECK(read[1] == 0.25F);
    CHECK(api.recording_next(recording.raw(), &record, error.out()) == A2FB_OK);
    CHECK(a2fb::view(record.event) == "{\"kind\": \"marker\"}");
    while (api.recording_next(recording.raw(), &record, error.out()) == A2FB_OK)
    {
    }
    CHECK(api.recording_next(recording.raw(), &record, error.out()) == A2FB_END);
    CHECK(api.recording_rewind(recording.raw()) == A2FB_OK);
    CHECK(api.recording_next(recording.raw(), &record, error.out()) == A2FB_OK);
    CHECK(record.type == A2FB_RECORD_AUDIO);

    const a2fb::Recording cut = library().recording(std::string_view(file).substr(0, file.size() - 3), error);
    REQUIRE(cut);
    a2fb_status status = A2FB_OK;
    while ((status = api.recording_next(cut.raw(), &record, error.out())) == A2FB_OK)
    {
    }
    CHECK(status == A2FB_E_FORMAT);
    CHECK(error.details().offset > 0);
    CHECK_FALSE(library().recording("A2FREX\r\n", error));
    CHECK(error.status() == A2FB_E_FORMAT);
}

TEST_CASE("A sink that takes no more ends the writing")
{
    a2fb::Error error;
    const Names names({"JawOpen"});
    auto options = a2fb::make<a2fb_writer_options>();
    options.sink = [](void*, const void*, std::size_t) -> std::int32_t { return 1; };
    CHECK_FALSE(library().writer(names.format(), options, error));
    CHECK(error.status() == A2FB_E_SINK);
}

TEST_CASE("WAV files")
{
    a2fb::Error error;
    std::string file =
        std::string("RIFF\x2C\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x80\xBB\0\0\0\xEE\2\0\4\0\x10\0data\x8\0\0\0", 44);
    file += std::string("\0\x40\0\0\0\xC0\0\xC0", 8);
    const a2fb::Wav wav = library().wav(file, error);
    REQUIRE_MESSAGE(wav, error.text());
    auto info = a2fb::make<a2fb_wav_info>();
    CHECK(wav.api().wav_info(wav.raw(), &info) == A2FB_OK);
    CHECK(info.sample_rate == 48000);
    CHECK(info.channels == 2);
    CHECK(info.frames == 2);
    float mono[4] = {};
    std::size_t read = 0;
    CHECK(wav.api().wav_read(wav.raw(), 0, mono, 4, &read) == A2FB_OK);
    CHECK(read == 2);
    CHECK(mono[0] == 0.25F);
    CHECK(mono[1] == -0.5F);
    CHECK(wav.api().wav_read(wav.raw(), 7, mono, 4, &read) == A2FB_OK);
    CHECK(read == 0);
    CHECK_FALSE(library().wav("no sound", error));
    CHECK(error.status() == A2FB_E_FORMAT);
}

TEST_CASE("Names and conventions")
{
    const a2fb_api& api = library().api();
    a2fb_str name{};
    CHECK(api.names_text(A2FB_NAME_WEIGHT, 67, &name) == A2FB_OK);
    CHECK(a2fb::view(name) == "TongueNarrow");
    CHECK(api.names_text(A2FB_NAME_WEIGHT, 68, &name) == A2FB_END);
    CHECK(api.names_text(A2FB_NAME_EMOTION, 9, &name) == A2FB_OK);
    CHECK(a2fb::view(name) == "sadness");
    CHECK(api.names_text(3, 0, &name) == A2FB_E_ARGUMENT);
    float weights[2] = {0.25F, 0.5F};
    const a2fb_str names[] = {a2fb_text("JawOpen"), a2fb_text("MouthClose")};
    CHECK(api.convert(weights, 2, names, A2FB_CONVENTION_A2F, A2FB_CONVENTION_ARKIT) == A2FB_OK);
    CHECK(weights[0] == 0.75F);
    CHECK(weights[1] == 0.5F);
    CHECK(api.convert(weights, 2, names, A2FB_CONVENTION_A2F, A2FB_CONVENTION_TARGET) == A2FB_E_ARGUMENT);
}
