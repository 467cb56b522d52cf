// How the curves of a face are laid over those of a pose. Knows no engine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace a2fbridge
{

struct CurveBlendOptions
{
	float alpha = 1.0F;		   ///< Share of the face, 0 to 1.
	bool blendOut = true;	   ///< The share goes with the face's activity, so that what is below shows when nobody speaks.
	float blendOutRate = 0.0F; ///< Above 0: instead of the player's easing, the share falls by exp(-rate * seconds).
	bool stepped = false;	   ///< New values only with a new animation frame.
};

/// Follows the share of the face in a pose over time. One per node.
class CurveBlend
{
public:
	/// Returns the share that the face has now; `activity` is the player's, 0 at rest to 1.
	float share(const CurveBlendOptions& options, float activity, float deltaSeconds)
	{
		const float wanted = options.blendOut ? activity : 1.0F;
		if (!options.blendOut || options.blendOutRate <= 0.0F || wanted >= share_)
		{
			share_ = wanted;
		}
		else
		{
			share_ = std::max(wanted, share_ * std::exp(-options.blendOutRate * std::max(0.0F, deltaSeconds)));
		}
		return std::clamp(options.alpha, 0.0F, 1.0F) * share_;
	}

	/// Whether new values are to be taken. With an exponential blend-out the player's own easing is not to be seen: the
	/// last pose stays, and fades.
	bool takes(const CurveBlendOptions& options, float activity, std::int64_t frame, bool first)
	{
		const bool rising = activity > activity_;
		const bool fading = options.blendOut && options.blendOutRate > 0.0F && activity < 1.0F && !rising;
		const bool fresh = first || (!fading && (!options.stepped || frame != frame_));
		activity_ = activity;
		frame_ = frame;
		return fresh;
	}

private:
	float share_ = 0.0F;
	float activity_ = 0.0F;
	std::int64_t frame_ = 0;
};

/// One curve: what is below, and what the face says.
inline float blendCurve(float below, float face, float share)
{
	return below + (face - below) * share;
}

} // namespace a2fbridge
