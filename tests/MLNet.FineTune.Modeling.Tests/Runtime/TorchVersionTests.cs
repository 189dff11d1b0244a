using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class TorchVersionTests
{
    [TestMethod]
    public void TheVersionsHereMatch()
    {
        TorchVersion.CheckManaged();
        TorchVersion.CheckNative(external: false);
        Assert.AreNotEqual("not loaded", NativeBackend.Description);
    }

    [TestMethod]
    [DataRow("0.106.0.0")]
    [DataRow("0.107.1.0")]
    public void AnotherTorchSharpIsRefused(string version) => Says(
        () => TorchVersion.CheckManaged(new Version(version)), version[..7], "needs TorchSharp 0.107.0", "TorchSharp-cuda-windows");

    [TestMethod]
    [DataRow("2.9.0", false)]
    [DataRow("2.9.0", true)]
    [DataRow("2.10.1", false)]
    [DataRow("3.10.0", true)]
    public void AnotherLibTorchIsRefused(string version, bool external) => Says(
        () => TorchVersion.CheckNative(new Version(version), external), version, "needs libtorch 2.10.0", NativeBackend.DirectoryVariable);

    [TestMethod]
    public void ALibTorchThatTheUserNamesMayDifferInItsLastNumber() => TorchVersion.CheckNative(new Version("2.10.3"), external: true);

    [TestMethod]
    public void ExportsAreFoundByName()
    {
        Assert.IsNotNull(TorchVersion.Export("aoti_torch_abi_version"));
        Assert.IsNull(TorchVersion.Export("no_such_function"));
    }

    private static void Says(Action action, params string[] parts)
    {
        string message = Assert.ThrowsExactly<InvalidOperationException>(action).Message;
        foreach (string part in parts)
            StringAssert.Contains(message, part);
    }
}
