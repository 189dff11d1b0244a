using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Catalogs;

/// <summary>A context of its own for a fit beside others: what is random in it follows from its seed alone, and it can be cancelled alone. Device and log are the parent's.</summary>
internal static class TrialEnvironment
{
    /// <param name="parent">The context of the caller.</param>
    /// <param name="seed">The seed.</param>
    public static MLContext Create(IHostEnvironment parent, int seed)
    {
        var context = new MLContext(seed);
        if (parent is IHostEnvironmentInternal environment)
            (context.GpuDeviceId, context.FallbackToCpu, context.TempFilePath) = (environment.GpuDeviceId, environment.FallbackToCpu, environment.TempFilePath);
        context.Log += (_, line) => Pass(parent, line);
        return context;
    }

    /// <summary>Ends what runs in a context with an <see cref="OperationCanceledException"/>.</summary>
    public static void Cancel(MLContext context) => context.CancelExecution();

    /// <summary>Throws when what a host belongs to was cancelled.</summary>
    public static void CheckAlive(IHost host) => host.CheckAlive();

    private static void Pass(IHostEnvironment parent, LoggingEventArgs line)
    {
        using IChannel channel = parent.Start(line.Source);
        switch (line.Kind)
        {
            case ChannelMessageKind.Error: channel.Error(line.RawMessage); break;
            case ChannelMessageKind.Warning: channel.Warning(line.RawMessage); break;
            case ChannelMessageKind.Info: channel.Info(line.RawMessage); break;
            default: channel.Trace(line.RawMessage); break;
        }
    }
}
