/* clang-format off */
/* NOLINTBEGIN: C, in C's names */
/* A2FBridge: speech in, facial animation out.  The C interface of the client library.
 *
 * Copyright (c) the A2FBridge authors.  MIT licence.
 *
 * This header is the manual.  It is valid C11 and C++17 and needs nothing but the standard library.  The library
 * (a2fbridge_client.dll, liba2fbridge_client.so, liba2fbridge_client.dylib) exports one symbol, a2fb_get_api; everything
 * else hangs on the table of functions that it returns, so one GetProcAddress or dlsym is enough to use all of it.
 *
 *
 * THE CONTRACT
 *
 *   Handles      are opaque.  What X_open made, X_close ends, exactly once; closing NULL does nothing.
 *                Handles may be closed in any order: a session lives on when its connection's handle is closed, as a
 *                session that was cancelled.
 *   Memory       is never handed over.  Buffers belong to the caller and are read or written only during the call.  An
 *                a2fb_str that the library gives points into the handle it was asked of, and is valid until that handle
 *                is closed unless its description says less.
 *   Structs      begin with struct_size, which the caller sets (A2FB_CLEAR does).  Zero in any other field that goes in
 *                means its default.  Later versions only append fields and functions.
 *   Text         is UTF-8 with a length and need not end with 0.  A length of A2FB_ZERO_TERMINATED means: up to a 0.
 *   Status       every function that can fail returns an a2fb_status: 0 is success, positive values are no errors
 *                (nothing there yet, would block, the end), negative values are errors.  The last argument, which may
 *                be NULL, receives the text: what was wrong, where, and what would be right.
 *                Any function returns A2FB_E_ARGUMENT for a NULL handle, a NULL required pointer, a struct_size smaller
 *                than version 1 had, or text that is not UTF-8; A2FB_E_MEMORY when memory is refused; A2FB_E_INTERNAL
 *                for a mistake of ours.  Only further errors are listed with each function.
 *   Threads      different handles may be used from different threads at the same time.  On one handle one thread at a
 *                time may call, with these exceptions: connections take calls from any thread; of a session one thread
 *                may push (push, emotions, end) while another polls, and cancel, info and text may come from any; of a
 *                player one thread may write (begin, push, finish, pump) while another reads (evaluate, text, pause,
 *                resume, seek, speed, device_gone), and set_table and info may come from any.
 *   Waiting      nothing blocks, ever, but the two functions named _wait, connection_close (which joins one thread) and
 *                session_close (which waits for a callback that is just running).  session_poll and session_info take no lock at
 *                all, the others one that is held for microseconds.
 *   Bounds       every queue has a limit given at open.  A full audio queue makes push take less (A2FB_WOULD_BLOCK); a
 *                full frame queue stops reading from the server, which then stops computing.  Nothing is dropped.
 *   Exceptions   never cross this border, nor does the library print, install handlers, or end the process.
 *   Unloading    close every handle, then leave the library loaded: gRPC keeps threads of its own until the process ends.
 *
 *
 * A USAGE IN SIX STEPS
 *
 *     const a2fb_api* a2fb = a2fb_get_api(A2FB_ABI_VERSION);                           // 1. the table
 *
 *     a2fb_connection_options to; A2FB_CLEAR(to);                                      // 2. connect (lazily)
 *     to.target = a2fb_text("localhost:52000");
 *     a2fb_connection* connection; a2fb_error error; A2FB_CLEAR(error);
 *     if (a2fb->connection_open(&to, &connection, &error) < 0) puts(error.message);
 *
 *     a2fb_session_options how; A2FB_CLEAR(how);                                       // 3. one clip or live stream
 *     how.sample_rate = 48000;
 *     a2fb_session* session;
 *     a2fb->session_open(connection, &how, &session, &error);
 *
 *     a2fb_audio sound; A2FB_CLEAR(sound);                                             // 4. push, at any pace
 *     sound.format = A2FB_S16; sound.channels = 1; sound.data = pcm; sound.frames = n;
 *     size_t taken; a2fb->session_push(session, &sound, &taken, &error);
 *     a2fb->session_end(session, &error);
 *
 *     float weights[A2FB_MAX_WEIGHTS]; a2fb_frame frame; A2FB_CLEAR(frame);            // 5. poll, each game tick
 *     frame.weights = weights; frame.weight_capacity = A2FB_MAX_WEIGHTS;
 *     a2fb_status got;
 *     while ((got = a2fb->session_poll(session, &frame, &error)) == A2FB_OK) use(&frame);
 *     // A2FB_NOTHING: later.  A2FB_END: all frames were given.  Below 0: it failed, error says why.
 *
 *     a2fb->session_close(session); a2fb->connection_close(connection);                // 6. close
 *
 *
 * WHAT IS RETRIED, AND WHAT IS REPORTED
 *
 *   Retried      finding a connection.  It is made at the first session or connection_check and kept; when it breaks, the
 *                next session makes a new one at once.  With wait_for_server a session also goes on trying, every
 *                quarter second or so, until connect_timeout_ms is over; without it, a server that refuses the
 *                connection is reported at once, and one that does not answer at all after connect_timeout_ms.
 *   Not retried  a session.  What was sent may have been heard, and only the caller knows whether the sound is still
 *                wanted.  A session that fails says how; open another.  A2FB_E_BUSY comes with retry_after_ms.
 *   No silence   lasts for ever.  Three clocks run: connect_timeout_ms until the connection stands, idle_timeout_ms
 *                whenever the server owes something (its header, frames of sound that was sent, the end, or room for
 *                more sound) and gives nothing, and deadline_ms for the session as a whole when it is set.  A live stream
 *                whose sound pauses owes nothing.
 *   Order        frames that arrived before a failure are given out before the failure is.
 *
 * A2FBridge's own server and any Audio2Face-3D NIM are spoken to alike.  frame_rate, pack, identity and solver are
 * A2FBridge's own; a session that asks a plain NIM for one of them fails with A2FB_E_UNSUPPORTED before any frame.
 */
#ifndef A2FBRIDGE_A2FBRIDGE_H
#define A2FBRIDGE_A2FBRIDGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define A2FB_CALL __cdecl
#if defined(A2FB_BUILDING)
#define A2FB_EXPORT __declspec(dllexport)
#else
#define A2FB_EXPORT
#endif
#else
#define A2FB_CALL
#if defined(A2FB_BUILDING)
#define A2FB_EXPORT __attribute__((visibility("default")))
#else
#define A2FB_EXPORT
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Basics --------------------------------------------------------------------------------------------------- */

/* Version of this interface: what a2fb_get_api is asked for. */
#define A2FB_ABI_VERSION 1u

/* Weights in a frame, at most.  NVIDIA's servers send 52 or 68. */
#define A2FB_MAX_WEIGHTS 4096

/* Emotions in a frame, in the order of names_text(A2FB_NAME_EMOTION, i). */
#define A2FB_EMOTIONS 10

#define A2FB_ZERO_TERMINATED ((size_t)-1)

/* Zeroes a struct and sets its struct_size. */
#define A2FB_CLEAR(object) (memset(&(object), 0, sizeof(object)), (void)((object).struct_size = (uint32_t)sizeof(object)))

typedef int32_t a2fb_status;

enum {
  A2FB_OK = 0,
  A2FB_NOTHING = 1,     /* nothing there now; ask again later */
  A2FB_WOULD_BLOCK = 2, /* a queue is full; less was taken than was offered, or nothing */
  A2FB_END = 3,         /* all there was has been given */

  A2FB_E_ARGUMENT = -1,   /* an argument is out of its range */
  A2FB_E_STATE = -2,      /* called out of order, such as a push after the end */
  A2FB_E_MEMORY = -3,     /* memory was refused */
  A2FB_E_INTERNAL = -4,   /* a mistake of this library */
  A2FB_E_TOO_SMALL = -5,  /* the buffer is too small; nothing was consumed */
  A2FB_E_FORMAT = -6,     /* a table, recording or WAV that cannot be read; error has line and column, or byte offset */
  A2FB_E_CONVENTION = -7, /* weights of one convention where the other is needed */
  A2FB_E_SINK = -8,       /* the caller's write function failed */

  A2FB_E_UNAVAILABLE = -20,    /* nothing answers, the connection broke, or the server is shutting down */
  A2FB_E_AUTHENTICATION = -21, /* token missing or wrong, or a certificate that was refused, by either side */
  A2FB_E_BUSY = -22,           /* the server has no free stream */
  A2FB_E_TIMEOUT = -23,        /* one of the three clocks ran out */
  A2FB_E_UNSUPPORTED = -24,    /* a plain NIM was asked for what only A2FBridge's server knows */
  A2FB_E_PROTOCOL = -25,       /* the server's answer breaks the protocol */
  A2FB_E_REFUSED = -26,        /* the server refuses the request: what it was asked for is wrong */
  A2FB_E_SERVER = -27,         /* the server failed */
  A2FB_E_CANCELLED = -28       /* cancelled, by session_cancel or by closing the connection */
};

/* UTF-8 text, or bytes where a function says so. */
typedef struct a2fb_str {
  const char* data;
  size_t size;
} a2fb_str;

/* A text with a 0 at its end as an a2fb_str. */
static inline a2fb_str a2fb_text(const char* text) {
  a2fb_str out;
  out.data = text;
  out.size = text ? strlen(text) : 0;
  return out;
}

/* A name and a number: face parameters, gains, offsets, emotions. */
typedef struct a2fb_value {
  a2fb_str name;
  double value;
} a2fb_value;

/* A name and a text: request metadata. */
typedef struct a2fb_pair {
  a2fb_str name;
  a2fb_str value;
} a2fb_pair;

/* What went wrong.  Written only when a function returns a negative status. */
typedef struct a2fb_error {
  uint32_t struct_size;
  a2fb_status status;     /* the same that was returned */
  int32_t grpc_code;      /* the call's gRPC status code (14 is UNAVAILABLE); -1 where no server was involved */
  uint32_t retry_after_ms; /* A2FB_E_BUSY: the server's hint when to try again; 0: it gave none */
  uint32_t line, column;  /* tables: from 1; 0: not known */
  uint64_t offset;        /* recordings and WAV files: byte where reading stopped */
  char code[32];          /* tables: a word for the kind of mistake (docs/mapping.md), ends with 0 */
  char message[1024];     /* for people; ends with 0, cut at a whole character when too long */
} a2fb_error;

typedef struct a2fb_connection a2fb_connection;
typedef struct a2fb_session a2fb_session;
typedef struct a2fb_player a2fb_player;
typedef struct a2fb_table a2fb_table;
typedef struct a2fb_recording a2fb_recording;
typedef struct a2fb_writer a2fb_writer;
typedef struct a2fb_wav a2fb_wav;

/* ---- Connection ----------------------------------------------------------------------------------------------- */

enum { A2FB_PLAINTEXT = 0, A2FB_TLS = 1 };

typedef struct a2fb_connection_options {
  uint32_t struct_size;
  uint32_t security;          /* A2FB_PLAINTEXT (default) or A2FB_TLS */
  a2fb_str target;            /* HOST:PORT; an IPv6 host in brackets.  Required */
  a2fb_str root_pem;          /* TLS: certificate authorities to trust, PEM bytes; empty: those of the system */
  a2fb_str certificate_pem;   /* TLS: the client's certificate chain and its key, for servers that ask for one (mTLS); */
  a2fb_str key_pem;           /*      both or neither */
  a2fb_str server_name;       /* TLS: name to expect in the certificate, where it is not HOST */
  a2fb_str token;             /* sent as "authorization: Bearer TOKEN"; printable ASCII without blanks */
  const a2fb_pair* metadata;  /* sent with every call, such as NVCF's function-id; names a-z 0-9 - _ . , values ASCII */
  size_t metadata_count;      /* 64 at most */
  uint32_t connect_timeout_ms; /* default 5000 */
  uint32_t wait_for_server;    /* 1: sessions wait for a server that is not there yet, up to connect_timeout_ms */
  uint32_t keepalive_ms;       /* ping a silent server this often, at least 10000; 0 (default): never.  Servers that do not
                                  allow it close the connection ("too_many_pings"), so set it only for one you know */
  uint32_t reserved;
} a2fb_connection_options;

enum {
  A2FB_CONNECTION_IDLE = 0,        /* nothing was asked yet, or the connection was let go */
  A2FB_CONNECTION_CONNECTING = 1,  /* under way */
  A2FB_CONNECTION_READY = 2,       /* connected */
  A2FB_CONNECTION_FAILED = 3       /* the last attempt failed; the next session or check tries anew */
};

enum {
  A2FB_HEALTH_UNKNOWN = 0,     /* not asked, or not answered yet */
  A2FB_HEALTH_SERVING = 1,
  A2FB_HEALTH_NOT_SERVING = 2, /* it answers, but takes no streams: loading or shutting down */
  A2FB_HEALTH_FAILED = 3       /* the question failed; connection_text says why */
};

typedef struct a2fb_connection_info {
  uint32_t struct_size;
  uint32_t state;        /* A2FB_CONNECTION_... */
  uint32_t health;       /* A2FB_HEALTH_... of the last check that was answered */
  uint32_t checking;     /* 1 while a check is under way */
  a2fb_status status;    /* why the last check failed; A2FB_OK otherwise */
  uint32_t sessions;     /* open on this connection */
} a2fb_connection_info;

/* ---- Session -------------------------------------------------------------------------------------------------- */

enum { A2FB_CLAMP_SERVER = 0, A2FB_CLAMP_ON = 1, A2FB_CLAMP_OFF = 2 };

/* Bits given to the callback: what there is to do. */
enum {
  A2FB_EVENT_FRAMES = 1,   /* frames wait to be polled */
  A2FB_EVENT_STATE = 2,    /* the state changed */
  A2FB_EVENT_WRITABLE = 4, /* push has room again after A2FB_WOULD_BLOCK */
  A2FB_EVENT_WARNING = 8   /* there is a further warning */
};

/* Called on the connection's thread; it may come before session_open has returned, and never comes after session_close
 * has.  Return soon: all sessions of the connection wait meanwhile.  It may call any function of its own session but
 * session_close and session_wait. */
typedef void(A2FB_CALL* a2fb_session_callback)(void* context, uint32_t events);

typedef struct a2fb_session_options {
  uint32_t struct_size;
  uint32_t sample_rate;            /* of the sound that will be pushed, Hz: 16000 (default) to 144000 */
  uint32_t frame_rate_numerator;   /* frames per second, such as 60/1 or 30000/1001; 0: the server's (NVIDIA: 30). */
  uint32_t frame_rate_denominator; /*   A2FBridge's own, as are the next three */
  a2fb_str pack;                   /* model pack */
  a2fb_str identity;               /* identity within the pack */
  a2fb_str solver;                 /* "bvls" or "admm" */
  const a2fb_value* face_parameters; /* by wire name: skinStrength, lowerFaceStrength, ... */
  size_t face_parameter_count;
  const a2fb_value* multipliers; /* gains by blend-shape name; absent: as the server is set */
  size_t multiplier_count;
  const a2fb_value* offsets; /* added to weights, by blend-shape name */
  size_t offset_count;
  const a2fb_value* beginning_emotion; /* emotion before the first key, 0 to 1 */
  size_t beginning_emotion_count;
  const a2fb_value* emotion_parameters; /* emotion_contrast, live_blend_coef, enable_preferred_emotion (0 or 1), */
  size_t emotion_parameter_count;       /*   preferred_emotion_strength, emotion_strength, max_emotions, live_transition_time */
  uint32_t clamp;                  /* clamp weights to 0..1 at the server: A2FB_CLAMP_... */
  uint32_t echo_audio;             /* 1: frames also carry the sound that belongs to them */
  uint32_t deadline_ms;            /* for the whole session; 0 (default): none */
  uint32_t idle_timeout_ms;        /* longest silence of a server that owes something; default 30000 */
  uint32_t audio_queue_ms;         /* sound waiting to be sent, at most; default 10000, 100 to 600000 */
  uint32_t frame_queue;            /* frames waiting to be polled, at most; default 600, 2 to 65536 */
  a2fb_session_callback callback;  /* optional */
  void* callback_context;
} a2fb_session_options;

enum { A2FB_S16 = 1, A2FB_F32 = 2 };

/* Sound to push.  One frame is one sample of every channel. */
typedef struct a2fb_audio {
  uint32_t struct_size;
  uint32_t format;   /* A2FB_S16: int16_t; A2FB_F32: float, full scale 1, clipped beyond.  Native byte order */
  uint32_t channels; /* 1 (default) to 8, interleaved; they are averaged */
  uint32_t reserved;
  const void* data;
  size_t frames;
} a2fb_audio;

/* A frame of animation.  weights (and audio) are the caller's buffers. */
typedef struct a2fb_frame {
  uint32_t struct_size;
  uint32_t weight_capacity; /* in: room in weights */
  float* weights;           /* out: weight_count values in the order of the session's names */
  int16_t* audio;           /* out with echo_audio, mono; NULL: not wanted */
  uint32_t audio_capacity;  /* in: room in audio, in samples */
  uint32_t weight_count;    /* out */
  uint32_t audio_count;     /* out; the frame's slice of sound, cut at audio_capacity */
  uint32_t reserved;
  int64_t index;            /* out: frames from 0 */
  int64_t sample_index;     /* out: the frame's place in the sound, in samples of info.audio_sample_rate */
  double time_code;         /* out: seconds from the start of the sound */
  float emotions[A2FB_EMOTIONS]; /* out: the emotion that drove the face; NaN where the server sent none */
  uint32_t corrected;       /* out: weights of this frame that were not usable as they came, see session_poll */
} a2fb_frame;

enum {
  A2FB_SESSION_OPENING = 0,  /* connecting, or waiting for the server's header */
  A2FB_SESSION_STREAMING = 1, /* the header is there: names and settings are known */
  A2FB_SESSION_FINISHED = 2, /* all frames arrived and the server said success; they may still wait to be polled */
  A2FB_SESSION_FAILED = 3,
  A2FB_SESSION_CANCELLED = 4
};

typedef struct a2fb_session_info {
  uint32_t struct_size;
  uint32_t state;                  /* A2FB_SESSION_... */
  a2fb_status status;              /* why it failed or was cancelled; A2FB_OK otherwise */
  uint32_t weight_count;           /* names; 0 before the header */
  uint32_t audio_sample_rate;      /* in which sample_index counts; 0 before the header */
  uint32_t frame_rate_numerator;   /* of the frames that come; 0 before the header */
  uint32_t frame_rate_denominator;
  uint32_t is_a2fbridge;           /* 1: our server, settings_json is there; 0: not known yet, or a plain NIM */
  uint32_t warning_count;          /* texts to be had with A2FB_TEXT_WARNING; 100 are kept */
  uint32_t frames_waiting;         /* to be polled */
  uint64_t frames_received;
  uint64_t weights_corrected;      /* see session_poll */
  uint64_t samples_pushed;         /* of sample_rate, mono */
  uint64_t samples_sent;
} a2fb_session_info;

/* Kinds of text.  Each function says which it knows. */
enum {
  A2FB_TEXT_NAME = 1,     /* name of weight, curve or source number INDEX */
  A2FB_TEXT_WARNING = 2,  /* warning number INDEX */
  A2FB_TEXT_SETTINGS = 3, /* JSON: what the server says is in force; INDEX is 0 from here on */
  A2FB_TEXT_ERROR = 4,    /* why it failed */
  A2FB_TEXT_TITLE = 5,    /* name of a table */
  A2FB_TEXT_HEADER = 6    /* JSON: the whole header of a recording */
};

/* ---- Formats ------------------------------------------------------------------------------------------------------ */

enum {
  A2FB_CONVENTION_A2F = 0,   /* NVIDIA's, what servers send: the shape MouthClose contains the jaw */
  A2FB_CONVENTION_ARKIT = 1, /* Apple's: JawOpen is the whole jaw */
  A2FB_CONVENTION_TARGET = 2 /* curves of a rig, after a mapping */
};

/* What the frames of a stream are. */
typedef struct a2fb_format {
  uint32_t struct_size;
  uint32_t convention;           /* A2FB_CONVENTION_... */
  const a2fb_str* names;         /* of the weights, each once */
  size_t name_count;             /* 1 to A2FB_MAX_WEIGHTS */
  uint32_t frame_rate_numerator; /* default 30/1 */
  uint32_t frame_rate_denominator;
  uint32_t sample_rate;          /* in which sample indices count, Hz; default 16000 */
  uint32_t reserved;
} a2fb_format;

/* ---- Player: the pose for what is heard now ------------------------------------------------------------------------- */

/* Times in milliseconds; 0: the default. */
typedef struct a2fb_player_options {
  uint32_t struct_size;
  uint32_t fill_ms;     /* playing may start when frames reach this far ahead; default 100 */
  uint32_t capacity_ms; /* room of the jitter buffer; default 30000 */
  uint32_t hold_ms;     /* underrun: the newest frame is held this long; default 150 */
  uint32_t ease_ms;     /* underrun: the face then comes to rest in this long; default 250 */
  uint32_t rest_ms;     /* end: the face comes to rest in this long, 250 at most; default 200 */
  uint32_t recover_ms;  /* blending into frames that come back, late or after a seek; default 80 */
  uint32_t step;        /* 1: the frame at or before the position; 0 (default): linear between frames */
} a2fb_player_options;

enum {
  A2FB_PLAYER_WAITING = 0,   /* no frames yet; at rest */
  A2FB_PLAYER_FILLING = 1,   /* too few frames to start; at rest */
  A2FB_PLAYER_PLAYING = 2,
  A2FB_PLAYER_HOLDING = 3,   /* underrun: the newest frame is held */
  A2FB_PLAYER_EASING = 4,    /* underrun went on: on the way to rest, or there */
  A2FB_PLAYER_FINISHING = 5, /* after the last frame: on the way to rest */
  A2FB_PLAYER_FINISHED = 6   /* at rest; nothing more comes */
};

/* What a face shows at a moment. */
typedef struct a2fb_pose {
  uint32_t struct_size;
  uint32_t state;          /* A2FB_PLAYER_... */
  uint32_t value_count;    /* curves of the table; without a table weights */
  uint32_t paused;
  double position;         /* in samples of the stream */
  double activity;         /* 0 at rest, 1 while frames act, between while easing: an alpha */
  uint64_t revision;       /* changes when the names of the values do */
  float emotions[A2FB_EMOTIONS]; /* NaN: not known */
} a2fb_pose;

/* Counters since the stream began. */
typedef struct a2fb_player_info {
  uint32_t struct_size;
  uint32_t ready;             /* 1: enough frames to start the sound, or all there will be */
  uint32_t room;              /* frames that player_push takes for certain now */
  uint32_t frames_buffered;
  uint64_t frames_pushed;
  uint64_t underruns;
  uint64_t weights_corrected; /* as in session_poll */
  double underrun_seconds;
  double lead_seconds;        /* how far the newest frame is ahead of the position */
  double device_drift_ppm;    /* audio device against wall clock */
} a2fb_player_info;

/* ---- Mapping tables ----------------------------------------------------------------------------------------------- */

enum { A2FB_DOCUMENT_TABLE = 0, A2FB_DOCUMENT_PROFILE = 1 };

/* Finds a document that a table names: a base table (extends) or a target profile.  Sets *document to bytes that stay
 * valid until table_open returns, and returns A2FB_OK; or returns A2FB_NOTHING: the shipped documents are then looked at.
 */
typedef a2fb_status(A2FB_CALL* a2fb_find_document)(void* context, uint32_t kind, a2fb_str name, a2fb_str* document);

typedef struct a2fb_table_options {
  uint32_t struct_size;
  uint32_t reserved;
  a2fb_str title;           /* file name for messages */
  const a2fb_value* params; /* replace the table's params */
  size_t param_count;
  a2fb_find_document find;  /* optional */
  void* find_context;
} a2fb_table_options;

typedef struct a2fb_table_info {
  uint32_t struct_size;
  uint32_t convention;    /* A2FB_CONVENTION_...: what the weights that go in mean */
  uint32_t target_count;  /* curves that come out; their names are A2FB_TEXT_NAME */
  uint32_t source_count;  /* weights that go in, as bound */
  uint32_t warning_count; /* what is allowed but probably not meant: A2FB_TEXT_WARNING */
} a2fb_table_info;

/* ---- Recorded sessions (.a2frec, docs/formats.md) and WAV files ----------------------------------------------------- */

typedef struct a2fb_recording_info {
  uint32_t struct_size;
  uint32_t convention;  /* A2FB_CONVENTION_... */
  uint32_t weight_count;
  uint32_t frame_rate_numerator;
  uint32_t frame_rate_denominator;
  uint32_t sample_rate; /* of the sound and of sample indices */
  uint32_t complete;    /* 1: its last record is the end, and nothing is damaged */
  uint32_t frame_count; /* frames before the end or the damage */
} a2fb_recording_info;

enum { A2FB_RECORD_FRAME = 1, A2FB_RECORD_AUDIO = 2, A2FB_RECORD_EVENT = 3 };

typedef struct a2fb_record {
  uint32_t struct_size;
  uint32_t type;            /* out: A2FB_RECORD_... */
  int64_t sample_index;     /* out */
  double time_code;         /* out, frame: seconds */
  uint32_t weight_capacity; /* in */
  uint32_t weight_count;    /* out, frame */
  float* weights;           /* in: the buffer; out, frame: the weights */
  float emotions[A2FB_EMOTIONS]; /* out, frame */
  const uint8_t* audio;     /* out, audio: 16-bit little-endian mono; points into the recording, aligned to nothing */
  uint64_t audio_count;     /* out, audio: samples */
  a2fb_str event;           /* out, event: a JSON object; points into the recording */
} a2fb_record;

/* Takes bytes of a recording, in order.  Returns 0 when they were taken; anything else ends the writing. */
typedef int32_t(A2FB_CALL* a2fb_sink)(void* context, const void* bytes, size_t size);

typedef struct a2fb_writer_options {
  uint32_t struct_size;
  uint32_t reserved;
  a2fb_str source_json;   /* an object: pack, identity, solver, server; empty: {} */
  a2fb_str settings_json; /* an object: parameters in force; empty: {} */
  a2fb_str created;       /* RFC 3339 time; empty: now */
  a2fb_sink sink;         /* required */
  void* sink_context;
} a2fb_writer_options;

typedef struct a2fb_wav_info {
  uint32_t struct_size;
  uint32_t sample_rate; /* Hz */
  uint32_t channels;    /* in the file: 1 or 2 */
  uint32_t truncated;   /* 1: the file ends before its sound does; what is there was read */
  uint64_t frames;      /* samples of each channel */
} a2fb_wav_info;

/* ---- Names -------------------------------------------------------------------------------------------------------- */

enum { A2FB_NAME_WEIGHT = 1, A2FB_NAME_EMOTION = 2 };

/* ---- The table of functions ------------------------------------------------------------------------------------------ */

typedef struct a2fb_api {
  uint32_t struct_size; /* of the table that the library has: a function beyond it is not there */
  uint32_t version;     /* A2FB_ABI_VERSION of the library */

  /* Version of the product and of gRPC, such as "0.1.0, gRPC 1.51.1"; lives for ever. */
  a2fb_str(A2FB_CALL* library_version)(void);

  /* A word for a status, such as "busy"; lives for ever.  Never fails. */
  a2fb_str(A2FB_CALL* status_text)(a2fb_status status);

  /* -- connection: a server; sessions on it share one TCP connection and one thread -- */

  /* Makes a connection; the network is first touched by session_open or connection_check.
   * A2FB_E_ARGUMENT: no HOST:PORT, no PEM, key without certificate, a token or metadata that cannot be sent. */
  a2fb_status(A2FB_CALL* connection_open)(const a2fb_connection_options* options, a2fb_connection** out,
                                          a2fb_error* error);

  /* Cancels the sessions of the connection and ends its thread.  Waits for the thread: milliseconds, or as long as a
   * callback runs.  Not from a callback. */
  void(A2FB_CALL* connection_close)(a2fb_connection* connection);

  /* Connects and asks the server for its health, in the background: to warm up, to show a status.  The answer is in
   * connection_info; a check that is under way is not doubled. */
  a2fb_status(A2FB_CALL* connection_check)(a2fb_connection* connection, a2fb_error* error);

  /* Fills in what is known now; never waits. */
  a2fb_status(A2FB_CALL* connection_info)(const a2fb_connection* connection, a2fb_connection_info* out);

  /* A2FB_TEXT_ERROR: why the last check failed; A2FB_NOTHING when it did not.  The text is valid until the next
   * connection_text of any thread on this connection, so copy it. */
  a2fb_status(A2FB_CALL* connection_text)(a2fb_connection* connection, uint32_t kind, a2fb_str* out);

  /* Waits until no check is under way, or for timeout_ms: A2FB_OK, or A2FB_NOTHING when time ran out. */
  a2fb_status(A2FB_CALL* connection_wait)(a2fb_connection* connection, uint32_t timeout_ms);

  /* -- session: one clip, or one live stream -- */

  /* Starts a session.  Never waits: what the network does shows in poll and info.
   * A2FB_E_ARGUMENT: a value that is no finite number, an unknown emotion or emotion parameter, a rate out of range, a
   * limit out of range; A2FB_E_STATE: the connection is closing. */
  a2fb_status(A2FB_CALL* session_open)(a2fb_connection* connection, const a2fb_session_options* options,
                                       a2fb_session** out, a2fb_error* error);

  /* Cancels what is under way and gives the handle up.  Frames that were not polled are lost. */
  void(A2FB_CALL* session_close)(a2fb_session* session);

  /* Offers sound; *taken is how many frames of it were taken, from the front.
   * A2FB_OK: all.  A2FB_WOULD_BLOCK: the audio queue is full; offer the rest later.  A2FB_E_ARGUMENT: format, channels, or
   * a sample that is NaN or infinite (nothing is taken then).  A2FB_E_STATE: after session_end.  When the session is over,
   * its status. */
  a2fb_status(A2FB_CALL* session_push)(a2fb_session* session, const a2fb_audio* audio, size_t* taken,
                                       a2fb_error* error);

  /* Sets the emotion from a time on, in seconds from the start of the sound; names left out are 0, and between keys the
   * server interpolates.  Keys may come in any order, also for times that were sent; give them before the sound they are
   * for.  Names and values 0 to 1 as in session_open.
   * A2FB_WOULD_BLOCK: 20000 keys wait to be sent; give it again later.  Otherwise as session_push. */
  a2fb_status(A2FB_CALL* session_emotions)(a2fb_session* session, double time_code, const a2fb_value* emotions,
                                           size_t count, a2fb_error* error);

  /* Says that no sound follows.  The remaining frames come at once.  Twice is harmless. */
  a2fb_status(A2FB_CALL* session_end)(a2fb_session* session, a2fb_error* error);

  /* Gives up; the server's stream is free at once.  Frames that arrived may still be polled.  Harmless after the end. */
  a2fb_status(A2FB_CALL* session_cancel)(a2fb_session* session);

  /* Takes the next frame; never waits, locks or allocates.
   * A2FB_OK: here is one.  A2FB_NOTHING: none now.  A2FB_END: all were given and the server said success.
   * A2FB_E_TOO_SMALL: weight_capacity is less than weight_count; the frame stays.
   * Negative: the session failed or was cancelled, after the last frame; the same again on every further call.
   *
   * Every weight is finite and within [-4, 4].  One that comes as NaN or infinite takes its value of the frame before (0
   * in the first), one beyond the range is set to its end; both are counted in frame.corrected and
   * info.weights_corrected, and the first of each name is a warning.  A frame whose number of weights is not
   * weight_count, or that goes back in time, ends the session with A2FB_E_PROTOCOL. */
  a2fb_status(A2FB_CALL* session_poll)(a2fb_session* session, a2fb_frame* frame, a2fb_error* error);

  /* Waits until poll would give something else than A2FB_NOTHING, or for timeout_ms: A2FB_OK, or A2FB_NOTHING when time
   * ran out.  For programs without a tick. */
  a2fb_status(A2FB_CALL* session_wait)(a2fb_session* session, uint32_t timeout_ms);

  /* Fills in what is known now; never waits. */
  a2fb_status(A2FB_CALL* session_info)(const a2fb_session* session, a2fb_session_info* out);

  /* A2FB_TEXT_NAME, _WARNING, _SETTINGS, _ERROR; A2FB_NOTHING when there is none (yet). */
  a2fb_status(A2FB_CALL* session_text)(const a2fb_session* session, uint32_t kind, size_t index, a2fb_str* out);

  /* -- player: frames in as they come, a pose out for the position that is heard now -- */

  /* Makes a player for one face, which plays streams one after the other.  A2FB_E_ARGUMENT. */
  a2fb_status(A2FB_CALL* player_open)(const a2fb_player_options* options, a2fb_player** out, a2fb_error* error);
  void(A2FB_CALL* player_close)(a2fb_player* player);

  /* Begins a stream; what was playing blends into it.
   * A2FB_E_ARGUMENT: format; A2FB_E_CONVENTION: the table takes another convention that frames cannot be converted to. */
  a2fb_status(A2FB_CALL* player_begin)(a2fb_player* player, const a2fb_format* format, a2fb_error* error);

  /* Adds a frame, in any order: weights, weight_count, emotions, sample_index and time_code are read; weights are checked
   * as in session_poll, with [-4, 4].  A2FB_WOULD_BLOCK: no room; again later.  A2FB_E_STATE: no begin, or after finish;
   * A2FB_E_ARGUMENT: wrong weight_count, or too late for a full buffer. */
  a2fb_status(A2FB_CALL* player_push)(a2fb_player* player, const a2fb_frame* frame, a2fb_error* error);

  /* Says that no frame follows: after the last one the face comes to rest. */
  a2fb_status(A2FB_CALL* player_finish)(a2fb_player* player);

  /* Carries what a session has into the player: begins the stream when its header is there, pushes frames while there is
   * room, finishes with it.  *moved (may be NULL) is how many frames it were.  Call each tick in place of session_poll.
   * Status as session_poll: A2FB_OK when frames moved, A2FB_NOTHING, A2FB_END, or why the session failed (the face then
   * comes to rest). */
  a2fb_status(A2FB_CALL* player_pump)(a2fb_player* player, a2fb_session* session, size_t* moved, a2fb_error* error);

  /* Sets or replaces the mapping table, also while playing; NULL: values are weights.  The player keeps what it needs: the
   * table may be closed.  A2FB_E_CONVENTION. */
  a2fb_status(A2FB_CALL* player_set_table)(a2fb_player* player, const a2fb_table* table, a2fb_error* error);

  /* The pose for now.  wall_seconds: any steady clock, the same in all calls.  device_position: the sample that is heard
   * now (samples the audio device has consumed, minus its latency), in samples of the stream; NaN: there is no device,
   * and playing begins by itself, runs by the wall clock and waits for late frames.  values receives pose.value_count
   * numbers.  Does not allocate or wait.  A2FB_E_TOO_SMALL: capacity; pose says what is needed. */
  a2fb_status(A2FB_CALL* player_evaluate)(a2fb_player* player, double wall_seconds, double device_position, float* values,
                                          size_t capacity, a2fb_pose* pose);

  /* A2FB_TEXT_NAME: name of a value of the last player_evaluate; valid until the next one. */
  a2fb_status(A2FB_CALL* player_text)(const a2fb_player* player, uint32_t kind, size_t index, a2fb_str* out);

  /* Pause keeps the face as it is.  Seek goes to a sample, back or ahead; A2FB_NOTHING: the frames of that place are not
   * held any more.  Speed is pitch or time dilation, 0 to 16.  device_gone: the device's sound is over, the wall clock
   * goes on alone. */
  a2fb_status(A2FB_CALL* player_pause)(a2fb_player* player, double wall_seconds);
  a2fb_status(A2FB_CALL* player_resume)(a2fb_player* player, double wall_seconds);
  a2fb_status(A2FB_CALL* player_seek)(a2fb_player* player, double wall_seconds, double position);
  a2fb_status(A2FB_CALL* player_speed)(a2fb_player* player, double wall_seconds, double speed);
  a2fb_status(A2FB_CALL* player_device_gone)(a2fb_player* player);

  a2fb_status(A2FB_CALL* player_info)(const a2fb_player* player, a2fb_player_info* out);

  /* -- mapping table: blend-shape weights to the curves of a rig (docs/mapping.md) -- */

  /* Compiles a table from the bytes of its YAML document, or by the name of a shipped one ("mh4").  The columns that go
   * in are the table's source profile (68 names) until table_bind says otherwise.
   * A2FB_E_FORMAT: with line, column, code, and the nearest name. */
  a2fb_status(A2FB_CALL* table_open)(a2fb_str document, const a2fb_table_options* options, a2fb_table** out,
                                     a2fb_error* error);
  a2fb_status(A2FB_CALL* table_open_shipped)(a2fb_str name, const a2fb_table_options* options, a2fb_table** out,
                                             a2fb_error* error);
  void(A2FB_CALL* table_close)(a2fb_table* table);

  a2fb_status(A2FB_CALL* table_info)(const a2fb_table* table, a2fb_table_info* out);

  /* A2FB_TEXT_NAME (curves), _WARNING, _TITLE. */
  a2fb_status(A2FB_CALL* table_text)(const a2fb_table* table, uint32_t kind, size_t index, a2fb_str* out);

  /* Says what the columns of the weights are, such as the names of a session. */
  a2fb_status(A2FB_CALL* table_bind)(a2fb_table* table, const a2fb_str* names, size_t count, a2fb_error* error);

  /* Maps one frame: weight_count values in, target_count values out.  Does not allocate.
   * A2FB_E_TOO_SMALL: capacity.  A2FB_E_ARGUMENT: count is not what was bound. */
  a2fb_status(A2FB_CALL* table_map)(a2fb_table* table, const float* weights, size_t count, float* curves,
                                    size_t capacity);

  /* -- recorded sessions -- */

  /* Reads a recording, whose bytes are copied.  A damaged end is no error here: what stands before is given, and
   * recording_next then says A2FB_E_FORMAT.
   * A2FB_E_FORMAT: a header that cannot be used; error.offset says where. */
  a2fb_status(A2FB_CALL* recording_open)(a2fb_str bytes, a2fb_recording** out, a2fb_error* error);
  void(A2FB_CALL* recording_close)(a2fb_recording* recording);
  a2fb_status(A2FB_CALL* recording_info)(const a2fb_recording* recording, a2fb_recording_info* out);

  /* A2FB_TEXT_NAME, _HEADER. */
  a2fb_status(A2FB_CALL* recording_text)(const a2fb_recording* recording, uint32_t kind, size_t index, a2fb_str* out);

  /* The next record.  A2FB_END after the last; A2FB_E_FORMAT with the offset where the file is damaged;
   * A2FB_E_TOO_SMALL. */
  a2fb_status(A2FB_CALL* recording_next)(a2fb_recording* recording, a2fb_record* out, a2fb_error* error);
  a2fb_status(A2FB_CALL* recording_rewind)(a2fb_recording* recording);

  /* Begins a recording: its header goes to the sink.  A2FB_E_ARGUMENT: names, rates, JSON; A2FB_E_SINK. */
  a2fb_status(A2FB_CALL* writer_open)(const a2fb_format* format, const a2fb_writer_options* options, a2fb_writer** out,
                                      a2fb_error* error);

  /* Frames in increasing sample_index; weights, weight_count, sample_index, time_code, emotions are read. */
  a2fb_status(A2FB_CALL* writer_frame)(a2fb_writer* writer, const a2fb_frame* frame, a2fb_error* error);
  a2fb_status(A2FB_CALL* writer_audio)(a2fb_writer* writer, int64_t sample_index, const int16_t* samples, size_t count,
                                       a2fb_error* error);

  /* An event: a JSON object with a "kind", other than "end". */
  a2fb_status(A2FB_CALL* writer_event)(a2fb_writer* writer, int64_t sample_index, a2fb_str json, a2fb_error* error);

  /* Writes the end event, which makes the recording complete.  Without it, a recording is one that was interrupted. */
  a2fb_status(A2FB_CALL* writer_finish)(a2fb_writer* writer, a2fb_error* error);
  void(A2FB_CALL* writer_close)(a2fb_writer* writer);

  /* -- WAV files -- */

  /* Decodes a WAV file from its bytes: PCM of 8 to 32 bits and float, one or two channels, 8 to 384 kHz, an hour at most.
   * A2FB_E_FORMAT: something else, with the byte offset. */
  a2fb_status(A2FB_CALL* wav_open)(a2fb_str bytes, a2fb_wav** out, a2fb_error* error);
  void(A2FB_CALL* wav_close)(a2fb_wav* wav);
  a2fb_status(A2FB_CALL* wav_info)(const a2fb_wav* wav, a2fb_wav_info* out);

  /* Copies count frames from first on as mono, channels averaged, fit for session_push as A2FB_F32; *read is how many
   * there were. */
  a2fb_status(A2FB_CALL* wav_read)(const a2fb_wav* wav, uint64_t first, float* mono, size_t count, size_t* read);

  /* -- names and conventions -- */

  /* A2FB_NAME_WEIGHT: NVIDIA's 68 blend shapes, in wire order; A2FB_NAME_EMOTION: the ten emotions.  A2FB_END beyond. */
  a2fb_status(A2FB_CALL* names_text)(uint32_t kind, size_t index, a2fb_str* out);

  /* Converts weights in place between A2FB_CONVENTION_A2F and A2FB_CONVENTION_ARKIT.  names say which column is which;
   * NULL: the order of names_text. */
  a2fb_status(A2FB_CALL* convert)(float* weights, size_t count, const a2fb_str* names, uint32_t from, uint32_t to);
} a2fb_api;

/* Returns the table for a version of this interface, or NULL when the library does not have it.  The table lives for
 * ever; the call is cheap and may come from any thread. */
A2FB_EXPORT const a2fb_api* A2FB_CALL a2fb_get_api(uint32_t version);

/* For those who load the library themselves. */
#define A2FB_GET_API_NAME "a2fb_get_api"
typedef const a2fb_api*(A2FB_CALL* a2fb_get_api_function)(uint32_t version);

#ifdef __cplusplus
}
#endif

#endif /* A2FBRIDGE_A2FBRIDGE_H */
/* NOLINTEND */
