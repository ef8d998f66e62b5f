// One unit's worksheet: its lines with all their columns, what they add up to, bonus and deductions.
#ifndef THIDUA_CLIENT_OUTPUT_XLSX_UNIT_H
#define THIDUA_CLIENT_OUTPUT_XLSX_UNIT_H

#include "client/output/xlsx_page.h"

// `sheet` is the shape of "sheet"; `steady` as the snapshot's.
void xlsx_unit(struct page *page, const json_t *sheet, bool steady);

#endif
