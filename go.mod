module rota

go 1.25.0
