#include "Speech/NativeSession.h"

#include <utility>

namespace a2fbridge
{

namespace
{

a2fb_str view(const std::string& text)
{
	return {text.data(), text.size()};
}

std::vector<a2fb_value> values(const std::vector<std::pair<std::string, double>>& named)
{
	std::vector<a2fb_value> result;
	result.reserve(named.size());
	for (const auto& [name, value] : named)
	{
		result.push_back({view(name), value});
	}
	return result;
}

ErrorCode codeOf(a2fb_status status)
{
	switch (status)
	{
	case A2FB_E_ARGUMENT:
	case A2FB_E_REFUSED:
		return ErrorCode::InvalidArgument;
	case A2FB_E_STATE:
		return ErrorCode::WrongState;
	case A2FB_E_FORMAT:
	case A2FB_E_PROTOCOL:
	case A2FB_E_CONVENTION:
		return ErrorCode::InvalidData;
	case A2FB_E_UNAVAILABLE:
		return ErrorCode::Unavailable;
	case A2FB_E_AUTHENTICATION:
		return ErrorCode::Unauthenticated;
	case A2FB_E_BUSY:
		return ErrorCode::ResourceExhausted;
	case A2FB_E_TIMEOUT:
		return ErrorCode::DeadlineExceeded;
	case A2FB_E_UNSUPPORTED:
		return ErrorCode::Unsupported;
	case A2FB_E_CANCELLED:
		return ErrorCode::Cancelled;
	default:
		return ErrorCode::Internal;
	}
}

} // namespace

a2fb_status openNativeSession(const a2fb_api& api, a2fb_connection* connection, const NativeStreamOptions& options,
	std::int32_t sampleRate, a2fb_session*& session, a2fb_error& error)
{
	const auto face = values(options.faceParameters);
	const auto gains = values(options.multipliers);
	const auto offsets = values(options.offsets);
	const auto emotion = values(options.beginningEmotion);
	const auto parameters = values(options.emotionParameters);
	a2fb_session_options how;
	A2FB_CLEAR(how);
	how.sample_rate = static_cast<std::uint32_t>(sampleRate);
	if (options.frameRate.numerator > 0)
	{
		how.frame_rate_numerator = static_cast<std::uint32_t>(options.frameRate.numerator);
		how.frame_rate_denominator = static_cast<std::uint32_t>(options.frameRate.denominator);
	}
	how.pack = view(options.pack);
	how.identity = view(options.identity);
	how.solver = view(options.solver);
	how.face_parameters = face.data();
	how.face_parameter_count = face.size();
	how.multipliers = gains.data();
	how.multiplier_count = gains.size();
	how.offsets = offsets.data();
	how.offset_count = offsets.size();
	how.beginning_emotion = emotion.data();
	how.beginning_emotion_count = emotion.size();
	how.emotion_parameters = parameters.data();
	how.emotion_parameter_count = parameters.size();
	how.idle_timeout_ms = options.idleTimeoutMs;
	return api.session_open(connection, &how, &session, &error);
}

Error nativeError(a2fb_status status, const a2fb_error& error)
{
	std::string message =
		error.message[0] != 0 ? std::string(error.message) : "the client library said " + std::to_string(status);
	if (status == A2FB_E_BUSY && error.retry_after_ms > 0)
	{
		message += "; try again in " + std::to_string(error.retry_after_ms) + " ms";
	}
	return makeError(codeOf(status), std::move(message));
}

} // namespace a2fbridge
