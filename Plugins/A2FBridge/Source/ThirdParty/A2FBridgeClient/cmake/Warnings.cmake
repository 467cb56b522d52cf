function(a2fbridge_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${A2FBRIDGE_WERROR}>:/WX>)
    target_compile_definitions(${target} PRIVATE NOMINMAX NOGDI WIN32_LEAN_AND_MEAN _WIN32_WINNT=0x0A00)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                             $<$<BOOL:${A2FBRIDGE_WERROR}>:-Werror>)
  endif()
endfunction()
