"""Callbacks: objects that are notified during a training, and may ask to stop it."""

from __future__ import annotations

from gradtape.base.absent import answer_for as _answer_for
from gradtape.callbacks.callback import Callback
from gradtape.callbacks.callback_list import CallbackList
from gradtape.callbacks.csv_logger import CSVLogger
from gradtape.callbacks.early_stopping import EarlyStopping
from gradtape.callbacks.history import History
from gradtape.callbacks.lambda_callback import LambdaCallback
from gradtape.callbacks.learning_rate_scheduler import LearningRateScheduler
from gradtape.callbacks.model_checkpoint import ModelCheckpoint
from gradtape.callbacks.monitor import MonitorCallback
from gradtape.callbacks.progbar_logger import ProgbarLogger
from gradtape.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from gradtape.callbacks.step_record import StepRecord
from gradtape.callbacks.swap_ema_weights import SwapEMAWeights
from gradtape.callbacks.tensorboard import TensorBoard
from gradtape.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "MonitorCallback",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "StepRecord",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]

_answer_for(__name__)
