using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class HardwareTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void WithoutAnIdItIsTheCpu(bool fallback) => Assert.AreEqual(DeviceType.CPU, Hardware.SelectDevice(null, fallback).type);

    [TestMethod]
    [DataRow(999)]
    [DataRow(-1)]
    public void AGpuThatIsNotThere(int id)
    {
        Assert.AreEqual(DeviceType.CPU, Hardware.SelectDevice(id, fallbackToCpu: true).type);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => Hardware.SelectDevice(id, fallbackToCpu: false)).Message;
        foreach (string part in new[] { $"GPU {id} was asked for", "CUDA device", "TorchSharp-cuda-linux", "FallbackToCpu", NativeBackend.Description })
            StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void AGpuThatIsThere()
    {
        if (!cuda.is_available())
            Assert.Inconclusive("Skipped: there is no CUDA device.");
        Device device = Hardware.SelectDevice(0, fallbackToCpu: false);
        Assert.AreEqual((DeviceType.CUDA, 0), (device.type, device.index));
    }

    [TestMethod]
    public void ComputeTypes()
    {
        var gpu = new Device(DeviceType.CUDA, 0);
        Assert.AreEqual(ScalarType.Float32, Hardware.ComputeType(Precision.Float32, gpu));
        Assert.AreEqual(ScalarType.BFloat16, Hardware.ComputeType(Precision.BFloat16, CPU));
        Assert.AreEqual(ScalarType.BFloat16, Hardware.ComputeType(Precision.Auto, gpu));
        Assert.AreEqual(CpuFeatures.HasBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32, Hardware.ComputeType(Precision.Auto, CPU));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Hardware.ComputeType((Precision)9, CPU)).Message, "BFloat16");
    }

    /// <summary>What CPUID says must be what the kernel says.</summary>
    [TestMethod]
    public void BFloat16IsFoundWhereTheKernelFindsIt()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? flags = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) : null;
        if (flags is null)
            Assert.Inconclusive($"Skipped: {CpuInfo} has no flags here.");
        string[] names = flags.Split(' ');
        Assert.AreEqual(names.Contains("avx512_bf16") || names.Contains("amx_bf16"), CpuFeatures.HasBFloat16);
    }
}
