using BenchmarkDotNet.Attributes;
using MLNet.FineTune.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Micro;

/// <summary>Reading a file of 100 tensors, 10 MB in all.</summary>
public class SafetensorsBenchmark
{
    private const int Tensors = 100;

    private string _path = "";

    [GlobalSetup]
    public void Setup()
    {
        _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(_path, Enumerable.Range(0, Tensors).Select(i => KeyValuePair.Create($"layer.{i}.weight", randn(160, 160))));
    }

    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    [Benchmark]
    public void ReadAll()
    {
        using SafetensorsFile file = SafetensorsFile.Open(_path);
        foreach (string name in file.Tensors.Keys)
            file.Read(name).Dispose();
    }
}
