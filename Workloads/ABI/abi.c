#include "nearmetal_abi.h"
