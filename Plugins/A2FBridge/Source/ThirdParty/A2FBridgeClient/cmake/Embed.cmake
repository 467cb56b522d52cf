# Writes the mapping tables and target profiles of a folder into a source file. Sets `result` to its path.
function(a2fbridge_embed result folder)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/ShippedTables.cpp")
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${folder}" "${folder}/*.yaml")
  list(SORT files)
  list(LENGTH files count)
  if(count EQUAL 0)
    message(FATAL_ERROR "no mapping tables in ${folder}")
  endif()
  set(arrays "")
  set(entries "")
  set(number 0)
  foreach(file IN LISTS files)
    # Bytes rather than a string literal: compilers limit those, MSVC to 16 KB.
    file(READ "${folder}/${file}" hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
    string(APPEND arrays "const char kText${number}[] = {${bytes}};\n")
    string(APPEND entries "    {\"${file}\", {kText${number}, sizeof kText${number}}},\n")
    math(EXPR number "${number} + 1")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${folder}/${file}")
  endforeach()
  file(CONFIGURE OUTPUT "${out}" @ONLY CONTENT "// Generated from mappings/ by Embed.cmake; do not edit.
#include \"ShippedTables.h\"

namespace a2fbridge::client
{

namespace
{

@arrays@
} // namespace

const ShippedDocument kShippedDocuments[] = {
@entries@};
const std::size_t kShippedDocumentCount = @count@;

} // namespace a2fbridge::client
")
  set(${result} "${out}" PARENT_SCOPE)
endfunction()
