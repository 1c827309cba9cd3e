# The item model and its scoring: core alone, so that whoever scores needs no XML and no zip.
add_library(exam_items STATIC
  detail/interpreter.cpp detail/values.cpp
  item.cpp item_content.cpp item_errors.cpp item_json.cpp item_json_reader.cpp item_maximum.cpp item_presentation.cpp item_scoring.cpp item_traits.cpp)
target_link_libraries(exam_items PUBLIC core PRIVATE project_options)
