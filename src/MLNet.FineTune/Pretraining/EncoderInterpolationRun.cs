using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Pretraining;

/// <summary>From two encoders to one between them in a directory.</summary>
internal static class EncoderInterpolationRun
{
    public static EncoderSource Execute(IHostEnvironment environment, EncoderSource start, EncoderSource trained, string outputDirectory, Func<string, double> share, bool half)
    {
        IHost host = environment.Register("InterpolateEncoders");
        OutputFolder.Check(outputDirectory, start);
        OutputFolder.Check(outputDirectory, trained);
        EncoderInterpolation.Write(start, trained, share, outputDirectory, half, PretrainingRun.Seed(host, checkpoints: true));
        return EncoderSource.FromDirectory(outputDirectory);
    }
}
