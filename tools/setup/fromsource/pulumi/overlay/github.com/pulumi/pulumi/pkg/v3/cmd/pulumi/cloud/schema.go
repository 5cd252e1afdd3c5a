package cloud
