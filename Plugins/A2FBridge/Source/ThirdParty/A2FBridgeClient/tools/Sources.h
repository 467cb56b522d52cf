// Where a2fb's frames come from.
#pragma once

#include "Arguments.h"
#include "Output.h"
#include "a2fbridge/a2fbridge.hpp"

namespace a2fb::tool
{

/// A WAV file through a server, into the outputs; prints the figures. Throws Problem.
void animate(const Library& library, const Arguments& arguments, Outputs& outputs);
/// Asks a server for its health; throws Problem unless it serves.
void health(const Library& library, const Arguments& arguments);
/// A recorded session into the outputs. Throws Problem.
void replay(const Library& library, const Arguments& arguments, Outputs& outputs);
/// Makes animate() give up soon; may be called from a signal handler.
void interrupt();

} // namespace a2fb::tool
