# Compiles the protocol once, for everything in the build that needs it.
function(a2fbridge_proto target)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/proto")
  file(MAKE_DIRECTORY "${out}")
  set(names a2f.v1 animation_data.v1 animation_id.v1 audio.v1 controller.v1 emotion_aggregate.v1 emotion_with_timecode.v1
            status.v1)
  list(TRANSFORM names REPLACE "(.+)" "${A2FBRIDGE_PROTO_DIR}/nvidia_ace.\\1.proto" OUTPUT_VARIABLE files)
  list(APPEND files "${CMAKE_CURRENT_SOURCE_DIR}/src/health.proto")
  set(generated)
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WLE)
    list(APPEND generated "${out}/${name}.pb.cc")
    set_property(SOURCE "${out}/${name}.pb.cc" PROPERTY GENERATED ON)
  endforeach()
  add_custom_command(
    OUTPUT ${generated}
    COMMAND protobuf::protoc "--proto_path=${A2FBRIDGE_PROTO_DIR}" "--proto_path=${CMAKE_CURRENT_SOURCE_DIR}/src"
            "--cpp_out=${out}" ${files}
    DEPENDS ${files} protobuf::protoc
    COMMENT "Generating the protocol" VERBATIM)
  add_library(${target} STATIC ${generated})
  target_include_directories(${target} SYSTEM PUBLIC "${out}")
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
  # Generated files of protobuf 3.21 cannot be joined into one, but they can share what they include.
  target_precompile_headers(${target} PRIVATE <google/protobuf/any.pb.h> <google/protobuf/map_field.h>
                            <google/protobuf/reflection_ops.h> <google/protobuf/wire_format.h>)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON)
endfunction()
