using TorchSharp;

namespace MLNet.FineTune.Training;

/// <summary>
/// Seeds the CUDA generator from the step, so that dropout on the GPU is the same after a resume: TorchSharp can
/// neither read nor write that generator's state.
/// </summary>
internal sealed class CudaRandomness(int seed) : ITrainingCallback
{
    public void OnStepStart(TrainingState state) => torch.cuda.manual_seed((long)(SeededRandom.Mix(seed, state.Step) >> 1));
}
